"""What root runs by itself, on throwaway hosts: each user who is told becomes root by it, and on the twin nobody is told and nobody does."""

import json
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hosts.planting import end
from hosts.rows_root_programs import HOSTS, ROWS, Row
from real_engines.rootless_world import RootlessWorld

from hostcheck import registry
from hostcheck.derive import derive
from hostcheck.documents import read

pytestmark = pytest.mark.root


@pytest.fixture(scope="session")
def told(installed: Path) -> Callable[[RootlessWorld], dict[str, Any]]:
    """Return what is told of a world: collected inside by what is installed, and derived here."""
    registered = registry.load()

    def run(world: RootlessWorld) -> dict[str, Any]:
        out = Path(tempfile.mkdtemp(dir=world.base)) / "evidence"
        subprocess.run(world.inside(str(installed / "python"), "-I", "-m", "hostcheck", "collect", "-o", str(out)), check=True, timeout=60, cwd="/")
        derived = derive(read(str(out), "evidence")[0], registered.probes, registered.analyses, {}).document["root-program-access"]
        facts: dict[str, Any] = json.loads(json.dumps(derived).replace(f"{world.base}/home", "{home}"))
        return facts

    return run


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_who_becomes_root_by_what_root_runs(row: Row, told: Callable[[RootlessWorld], dict[str, Any]]) -> None:
    world = RootlessWorld()
    try:
        row.plant(world)
        files = told(world)["files"]
        sure = {path: one for path, one in files.items() if one["certain"]}
        assert {path: (one["kind"], one["interaction"], who(one["changed_by"])) for path, one in sure.items()} == row.files
        assert {path for path in files if path not in sure} == set(row.perhaps)
        assert all(one["as_uid"] == 0 for one in files.values())
        assert row.becomes_root(world) is bool(row.files or row.perhaps)
    finally:
        end(world)


def who(changed_by: dict[str, Any]) -> list[str]:
    return ["everyone"] if changed_by["everyone"] else sorted(changed_by["users"])


def test_each_host_has_its_twin() -> None:
    twins = [row.twin for row in ROWS if row.files]
    assert sorted(twins) == sorted(row.name for row in ROWS if not row.files) and set(twins) <= HOSTS.keys()
