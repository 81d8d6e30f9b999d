"""Attacks that succeed as yet, by name, each with what is behind it.

Their tests are expected to fail; a change that makes one pass takes its line away.
"""

RED: dict[str, str] = {}
