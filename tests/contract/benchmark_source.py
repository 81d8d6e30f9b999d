"""The built-in benchmark as it is written, read once for all tests."""

from pathlib import Path

from hostcheck.authoring.compile import Source

SOURCE = Source(str(Path(__file__).resolve().parents[2] / "plugins/hostcheck_builtin/benchmark"))
