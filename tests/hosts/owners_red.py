"""Attacks that succeed as yet, by name, each with what is behind it: their tests are expected to fail, until a change makes them pass and takes the line away."""

RED: dict[str, str] = {}
