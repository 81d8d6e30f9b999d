"""A command line whose plugins are toys, in a folder of its own."""

import importlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from toy import registry

from hostcheck import cli, collect
from hostcheck.cli import lock
from hostcheck.documents import written
from hostcheck.registry import Registry, load

RECORDING = Path(__file__).parents[1] / "fakes/docker-as-root.recording.json"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    (tmp_path / "toy").mkdir()
    found = registry(tmp_path / "toy")
    for name in ("scan", "collect", "compile", "evaluate", "render", "explain", "lint", "listing", "paths", "plugins"):
        module = importlib.import_module(f"hostcheck.cli.{name}")
        monkeypatch.setattr(module, "load", lambda settings=None: found)
    monkeypatch.setattr(lock, "FOLDER", str(tmp_path / "lock"))
    monkeypatch.chdir(tmp_path)
    return found


@pytest.fixture
def run(toys: Registry, capfd: pytest.CaptureFixture[str]) -> Run:
    def running(*argv: str) -> tuple[int, str, str]:
        code = cli.main(list(argv))
        out, err = capfd.readouterr()
        return code, out, err

    return running


@pytest.fixture(scope="session")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the evidence of a host whose engine several users can reach."""
    path = tmp_path_factory.mktemp("evidence") / "evidence.json"
    path.write_bytes(written(collect.replay(load(), json.loads(RECORDING.read_text(encoding="utf-8")))))
    return path
