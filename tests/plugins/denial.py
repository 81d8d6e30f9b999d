"""Denying each answer of a host in turn, for the tests of one probe: the public test kit's way."""

from hostcheck.testing.probes import denials, stated

__all__ = ["denials", "stated"]
