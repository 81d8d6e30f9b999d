"""A plugin's steps to root are steps of paths, by its real wheel; and the guide's example has the published shape."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from vendors.guide import GUIDE
from vendors.wheels import HEAD, SCAN, build, hostcheck, install, pin

from hostcheck.published import problem_of

STEP = {"kind": "unseals", "from": "user:acme-user", "to": "root", "because": "acme-user may unseal the vault"}
VAULT = """
def derive(facts, values):
    {body}

@hookimpl
def hostcheck_analyses():
    return [Analysis(id="acme.vault", title="The vault", reads={reads!r}, facts_schema=beside(__file__, "any.json"), derive=derive, edges=True)]
"""


def scanned(folder: Path, body: str, *more: str, reads: tuple[str, ...] = ()) -> Any:
    schema = {"type": "object", "properties": {}, "required": [], "additionalProperties": True}
    files: dict[str, str | bytes] = {"acme/__init__.py": "", "acme/plugin.py": HEAD + VAULT.format(body=body, reads=reads), "acme/any.json": json.dumps(schema)}
    install(build(folder, "acme", files, {"acme": "acme.plugin"}), folder / "site")
    return hostcheck(folder, *SCAN, *more, *pin(folder, folder / "site", "acme"), site=folder / "site")


def test_a_plugins_step_makes_a_path_and_fails_whom_it_begins_with(tmp_path: Path) -> None:
    ran = scanned(tmp_path, f"return {{'edges': {{'main': {STEP!r}}}}}")
    assert ran.refused("acme") == []
    mine = [path for path in ran.report["paths"] if path["principal"] == "user:acme-user"]
    assert [[step["edge"] for step in path["steps"]] for path in mine] == [["acme.vault:unseals"]]
    found = {one["subject"]: one for one in ran.report["findings"] if one["rule"] == "HC-ACC-20"}["acme-user"]
    assert found["result"] == "fail" and "acme-user may unseal the vault (acme.vault)" in found["because"]


@pytest.mark.parametrize("body", ["raise ValueError('no')", "return {'edges': {'main': {'kind': 'x'}}}", "time.sleep(60)"])
def test_a_plugin_that_cannot_tell_leaves_open_who_can_and_hides_nobody(body: str, tmp_path: Path) -> None:
    ran = scanned(tmp_path, body)
    found = {one["subject"]: one["result"] for one in ran.report["findings"] if one["rule"] == "HC-ACC-20"}
    assert found and set(found.values()) <= {"error", "unknown"}


def test_one_that_reads_the_paths_which_read_it_is_refused(tmp_path: Path) -> None:
    ran = scanned(tmp_path, "return {'edges': {}}", reads=("access-paths",))
    assert ran.refused("acme") == [("broken", "the analysis 'acme.vault' states edges, and reads 'access-paths', which reads them")]
    assert [one["result"] for one in ran.report["findings"] if one["rule"] == "HC-ACC-20"]


def test_the_example_of_the_guide_has_the_published_shape() -> None:
    (example,) = re.findall(r"^### Steps to root$.*?^```json\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    assert problem_of(json.loads(example), "edges-1") == ""
    assert problem_of({"main": {"kind": "x"}}, "edges-1") != ""
