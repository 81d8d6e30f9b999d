"""Same evidence, same report, byte for byte: whatever the hash seed, the locale, the time zone, the Python or the order of the probes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

FAKES = sorted((Path(__file__).parents[1] / "fakes").glob("*.recording.json"))

REPLAY = """
import argparse, json, sys
from hostcheck import collect, registry
from hostcheck.cli import judging
from hostcheck.documents import canonical
found = registry.load()
recorded = json.load(open(sys.argv[1]))
order = sorted(recorded["probes"], reverse=sys.argv[2] == "backwards")
evidence = collect.replay(found, recorded, order)
args = argparse.Namespace(benchmark=(), profile="level2", role="", value=["approved_users=zoe,ann"], fail_on="low", format=())
report = judging.judge(evidence, judging.load_benchmarks(args, found), args, found)
sys.stdout.buffer.write(canonical(evidence) + canonical(report) + found.formats["text"].render(report).encode())
"""
SETTINGS = (
    ({"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "UTC"}, "forwards"),
    ({"PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8", "TZ": "Asia/Kathmandu"}, "backwards"),
    ({"PYTHONHASHSEED": "77", "LANG": "tr_TR.UTF-8", "TZ": "America/St_Johns", "PYTHONUTF8": "0"}, "forwards"),
)


def replayed(path: Path, setting: dict[str, str], order: str) -> bytes:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHON"))} | setting
    done = subprocess.run([sys.executable, "-c", REPLAY, str(path), order], env=environment, capture_output=True, check=False, cwd="/")
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


EACH = [pytest.param(path, id=path.name.partition(".")[0], marks=[pytest.mark.laws] if not path.name.startswith("docker-as-root") else []) for path in FAKES]
"""One of the recordings at once, and the others with the laws."""


@pytest.mark.parametrize("path", EACH)
def test_the_bytes_are_the_same(path: Path) -> None:
    first, *others = [replayed(path, setting, order) for setting, order in SETTINGS]
    assert b"hostcheck.report/2" in first
    assert all(other == first for other in others)
