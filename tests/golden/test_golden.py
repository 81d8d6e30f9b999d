"""What a recorded host is told, word by word; the name of each file carries the exit code: `<recording>.<profile>.<code>.txt`.

`HOSTCHECK_UPDATE_GOLDEN=1` writes them anew; a difference is to be read, not to be waved through.
"""

import argparse
import json
import os
from pathlib import Path
from typing import Any

import pytest

from hostcheck import collect, registry
from hostcheck.cli import judging
from hostcheck.report import exit_code

HERE = Path(__file__).parent
FAKES = HERE.parent / "fakes"
REGISTRY = registry.load()
CASES = [
    pytest.param(path, profile, id=f"{path.name.partition('.')[0]}.{profile}")
    for path in sorted(FAKES.glob("*.recording.json"))
    for profile in ("level1", "level2")
]


def judged(path: Path, profile: str) -> dict[str, Any]:
    evidence = collect.replay(REGISTRY, json.loads(path.read_text()))
    args = argparse.Namespace(benchmark=(), profile=profile, role="", value=[], fail_on="low", format=())
    return judging.judge(evidence, judging.load_benchmarks(args, REGISTRY), args, REGISTRY)


@pytest.mark.parametrize(("path", "profile"), CASES)
def test_the_summary_of_a_recorded_host(path: Path, profile: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    report = judged(path, profile)
    golden = HERE / f"{path.name.partition('.')[0]}.{profile}.{exit_code(report)}.txt"
    text = REGISTRY.formats["text"].render(report)
    if os.environ.get("HOSTCHECK_UPDATE_GOLDEN"):
        golden.write_text(text)
    assert golden.read_text() == text


def test_every_golden_file_belongs_to_a_recording() -> None:
    names = {path.name.partition(".")[0] for path in FAKES.glob("*.recording.json")}
    assert {path.name.partition(".")[0] for path in HERE.glob("*.txt")} == names
