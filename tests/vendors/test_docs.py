"""The guide for those who write plugins is a plugin: built from its own pages, installed and scanned with."""

import json
from pathlib import Path

import pytest
from vendors import guide
from vendors.guide import GUIDE
from vendors.wheels import SCAN, hostcheck, install, pin

from hostcheck import api, hookspecs
from hostcheck.schema.dialect import KEYWORDS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the plugin of the guide is installed."""
    folder = tmp_path_factory.mktemp("guide")
    install(guide.wheel(folder, guide.compiled()), folder / "site")
    return folder / "site"


def test_the_plugin_of_the_guide_works(site: Path, tmp_path: Path) -> None:
    options = pin(tmp_path, site, "acme-motd")
    ran = hostcheck(tmp_path, *SCAN, "--format", "acme-line=line.txt", "--value", "acme_lines=0", *options, site=site)
    assert ran.refused("acme-motd") == []
    assert ran.evidence["probes"]["acme.motd"]["facts"].keys() <= {"present", "text"}
    assert [(one["rule"], one["result"]) for one in ran.report["findings"] if one["benchmark"] == "acme"] == [("ACME-MOTD-01", "pass")]
    assert (tmp_path / "line.txt").read_text().endswith(f": {ran.report['verdict']}\n")


def test_it_is_lint_clean_where_it_is_installed(site: Path, tmp_path: Path) -> None:
    options = pin(tmp_path, site, "acme-motd")
    assert json.loads(hostcheck(tmp_path, "plugins", *options, "list", "--json", site=site).out)["refused"] == []


def test_the_guide_names_every_hook_every_word_and_every_verb() -> None:
    for name in dir(hookspecs):
        if name.startswith("hostcheck_"):
            assert f": `{name}`\n" in GUIDE
    words = GUIDE[GUIDE.index("closed dialect: `") + 17 :].partition("`")[0].split()
    assert set(words) == set(KEYWORDS)
    for verb in (name for name in vars(api.Host) if not name.startswith("_")):
        assert verb in ("kind", "ahead") or f"`{verb}(" in GUIDE or f"`{verb}`" in GUIDE, verb
