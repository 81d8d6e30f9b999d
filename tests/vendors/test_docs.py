"""The guide for those who write plugins is a plugin: built from its own pages, installed and scanned with."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from vendors import guide
from vendors.guide import GUIDE
from vendors.wheels import SCAN, hostcheck, install, install_by_pip, pin

from hostcheck import api, hookspecs
from hostcheck.installed import distributions, listed, tops
from hostcheck.schema.dialect import KEYWORDS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where pip has installed the plugin of the guide; beside it, it is `unpacked`."""
    folder = tmp_path_factory.mktemp("guide")
    wheel = guide.wheel(folder, guide.compiled())
    install_by_pip(wheel, folder / "site")
    install(wheel, folder / "unpacked")
    return folder / "site"


def test_the_plugin_of_the_guide_works(site: Path, tmp_path: Path) -> None:
    options = pin(tmp_path, site, "acme-motd")
    ran = hostcheck(tmp_path, *SCAN, "--format", "acme-line=line.txt", "--value", "acme_lines=0", *options, site=site)
    assert ran.refused("acme-motd") == []
    assert ran.evidence["probes"]["acme.motd"]["facts"].keys() <= {"present", "text"}
    assert [(one["rule"], one["result"]) for one in ran.report["findings"] if one["benchmark"] == "acme"] == [("ACME-MOTD-01", "pass")]
    assert (tmp_path / "line.txt").read_text().endswith(f": {ran.report['verdict']}\n")


def test_what_the_other_tests_unpack_is_what_pip_installs(site: Path) -> None:
    def shown(folder: Path) -> dict[str, Any]:
        (found,) = distributions([str(folder)])
        known = {one.path: (one.sha256, (folder / one.path).stat().st_mode, (folder / one.path).read_bytes()) for one in listed(found)}
        return {"name": found.name, "version": found.version, "entry points": found.entry_points, "tops": tops(found), "files": known}

    assert shown(site.parent / "unpacked") == shown(site)


def test_it_is_lint_clean_where_it_is_installed(site: Path, tmp_path: Path) -> None:
    options = pin(tmp_path, site, "acme-motd")
    assert json.loads(hostcheck(tmp_path, "plugins", *options, "list", "--json", site=site).out)["refused"] == []


def test_the_guide_names_every_hook_every_word_and_every_verb() -> None:
    for name in dir(hookspecs):
        if name.startswith("hostcheck_"):
            assert f": `{name}`\n" in GUIDE
    words = GUIDE.partition("closed dialect of JSON Schema: `")[2].partition("`")[0].split()
    assert set(words) == set(KEYWORDS)
    assert {word for word in KEYWORDS if word.startswith("x-")} == set(re.findall(r"^\| `(x-\w+)` \|", GUIDE, re.MULTILINE))
    for verb in (name for name in vars(api.Host) if not name.startswith("_")):
        assert verb in ("kind", "ahead") or f"`{verb}(" in GUIDE or f"`{verb}`" in GUIDE, verb
