"""The laws of the public test kit, by the name under which the tests of single probes and analyses know them."""

from hostcheck.testing.laws import breaches, worse

__all__ = ["breaches", "worse"]
