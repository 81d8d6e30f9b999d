"""Hiding the facts that an analysis is given, one at a time: the public test kit's way."""

from hostcheck.testing.analyses import hide as changed
from hostcheck.testing.analyses import leaves

__all__ = ["changed", "leaves"]
