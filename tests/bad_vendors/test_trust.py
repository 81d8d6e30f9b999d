"""What root's scan uses of what is installed: what a pin names, if nobody but root could have written it; a user's uses all, and says so."""

import json
import os
import py_compile
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from vendors.wheels import ANY, AS_USER, SCAN, Ran, build, hostcheck, install, pin, probe

from hostcheck.documents import DocumentError, read

Made = Callable[..., Path]
GOOD = probe("acme.x", "return {'version': 1}")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a folder in which the distribution `acme` is installed."""
    return made(tmp_path)


def made(folder: Path, source: str = GOOD, name: str = "acme", version: str = "1.0", extra: dict[str, str] | None = None) -> Path:
    files: dict[str, str | bytes] = {f"{name}/__init__.py": "", f"{name}/plugin.py": source, f"{name}/any.json": json.dumps(ANY)}
    target = folder / "site"
    built = folder / f"wheel-{name}-{version}"
    built.mkdir()
    install(build(built, name, {**files, **(extra or {})}, {"plugin": f"{name}.plugin"}, version), target)
    return target


def scanned(place: Path, site: Path, *options: str, prefix: tuple[str, ...] = ()) -> Ran:
    return hostcheck(place, *SCAN, *options, site=site, prefix=prefix)


def states(ran: Ran) -> list[str]:
    """Return what the vendor's probes stated."""
    return [str(one["facts"].get("version")) for name, one in ran.evidence["probes"].items() if name.startswith("acme")]


@pytest.mark.root
def test_without_a_pin_it_is_ignored_and_changes_no_exit_code(tmp_path: Path, site: Path) -> None:
    alone = scanned(tmp_path, tmp_path / "none")
    ran = scanned(tmp_path, site)
    assert ran.code == alone.code and states(ran) == []
    assert [status for status, _ in ran.refused("acme")] == ["ignored"] and "hostcheck plugins pin acme" in ran.refused("acme")[0][1]
    assert "ignored     acme 1.0" in hostcheck(tmp_path, "plugins", "list", site=site).out


@pytest.mark.root
def test_with_a_pin_it_is_used_and_the_evidence_says_which(tmp_path: Path, site: Path) -> None:
    ran = scanned(tmp_path, site, *pin(tmp_path, site, "acme"))
    assert (tmp_path / "config.toml").read_text() == hostcheck(tmp_path, "plugins", "pin", "acme", site=site).out
    assert states(ran) == ["1"] and ran.refused("acme") == []
    used = ran.evidence["plugins"][1]
    assert (used["distribution"], used["version"], used["allowed"], used["contributes"]["probes"]) == ("acme", "1.0", "pinned", ["acme.x"])
    assert used["sha256"] in (tmp_path / "config.toml").read_text()
    told = json.loads(hostcheck(tmp_path, "plugins", "--config", "config.toml", "list", "--json", site=site).out)
    assert [one["distribution"] for one in told["used"]] == ["hostcheck-scanner", "acme"] and told["refused"] == []


def test_a_user_uses_what_is_installed_and_the_report_says_so(tmp_path: Path, site: Path) -> None:
    ran = scanned(tmp_path, site, prefix=AS_USER)
    assert states(ran) == ["1"] and ran.refused("acme") == []
    assert [(one["distribution"], one["allowed"]) for one in ran.report["plugins"]] == [("hostcheck-scanner", "built-in"), ("acme", "unpinned")]
    read(str(tmp_path / "report.json"), "report")
    read(str(tmp_path / "evidence.json"), "evidence")


def edited(site: Path) -> None:
    (site / "acme" / "plugin.py").write_text(GOOD.replace("'version': 1", "'version': 2"))


def upgraded(site: Path) -> None:
    shutil.rmtree(site)
    made(site.parent, version="1.1")


def removed(site: Path) -> None:
    shutil.rmtree(site)
    site.mkdir()


def group_writable(site: Path) -> None:
    (site / "acme" / "any.json").chmod(0o664)


def folder_writable(site: Path) -> None:
    (site / "acme").chmod(0o777)


def site_writable(site: Path) -> None:
    site.chmod(0o777)


def given_away(site: Path) -> None:
    os.chown(site / "acme" / "plugin.py", 4001, 4001)


def linked_away(site: Path) -> None:
    place = site.parent / "elsewhere"
    place.mkdir()
    place.chmod(0o777)
    shutil.move(site / "acme" / "plugin.py", place / "plugin.py")
    (site / "acme" / "plugin.py").symlink_to(place / "plugin.py")


def unlisted(site: Path) -> None:
    (site / "acme" / "json.py").write_text("raise SystemExit('imported')")


def shadowed(site: Path) -> None:
    (site / "acme.py").write_text("raise SystemExit('imported')")


def without_record(site: Path) -> None:
    (site / "acme-1.0.dist-info" / "RECORD").unlink()


def with_pth(site: Path) -> None:
    (site / "acme.pth").write_text("import os\n")
    record = site / "acme-1.0.dist-info" / "RECORD"
    record.write_text(record.read_text() + "acme.pth,,\n")


DOUBTS = {
    edited: ("mismatched", "the digest of its files is"),
    upgraded: ("mismatched", "version 1.1 is installed, but 1.0 is pinned"),
    removed: ("mismatched", "is pinned but not installed"),
    group_writable: ("refused", "can be written by others (mode 0664)"),
    folder_writable: ("refused", "can be written by others (mode 0777)"),
    site_writable: ("refused", "can be written by others (mode 0777)"),
    given_away: ("refused", "belongs to user id 4001"),
    linked_away: ("refused", "can be written by others"),
    unlisted: ("refused", "acme/json.py is not in its RECORD"),
    shadowed: ("refused", "acme.py is not in its RECORD"),
    without_record: ("refused", "has no RECORD"),
    with_pth: ("refused", "acme.pth runs whenever Python starts"),
}


@pytest.mark.root
@pytest.mark.parametrize("change", DOUBTS, ids=lambda change: change.__name__)
def test_what_is_not_what_root_pinned_is_not_used_and_is_exit_5(tmp_path: Path, site: Path, change: Callable[[Path], None]) -> None:
    options = pin(tmp_path, site, "acme")
    change(site)
    ran = scanned(tmp_path, site, *options)
    status, words = DOUBTS[change]
    assert ran.code == 5 and states(ran) == []
    assert [told[0] for told in ran.refused("acme")] == [status] and words in ran.refused("acme")[0][1]
    assert ran.report["counts"]["pass"] and ran.evidence["probes"]["sockets"]["facts"]  # what was written is whole all the same
    assert hostcheck(tmp_path, "evaluate", "evidence.json").code == 5
    assert hostcheck(tmp_path, "collect", "-o", "again.json", "--deadline", "4", site=site).code == 0  # the default configuration has no pin


@pytest.mark.root
@pytest.mark.parametrize("change", [edited, group_writable, unlisted, with_pth], ids=lambda change: change.__name__)
def test_what_cannot_be_believed_cannot_be_pinned(tmp_path: Path, site: Path, change: Callable[[Path], None]) -> None:
    change(site)
    ran = hostcheck(tmp_path, "plugins", "pin", "acme", site=site)
    assert ran.code == 5 and ran.out == "" and ran.err.startswith("hostcheck: acme: ") and ran.err.count("\n") == 1


def test_what_is_not_installed_cannot_be_pinned(tmp_path: Path) -> None:
    ran = hostcheck(tmp_path, "plugins", "pin", "acme")
    assert (ran.code, ran.out) == (2, "") and "no distribution called 'acme'" in ran.err


@pytest.mark.root
def test_a_compiled_file_that_was_planted_is_not_run(tmp_path: Path, site: Path) -> None:
    source = site / "acme" / "plugin.py"
    told = source.stat()
    planted = tmp_path / "planted.py"
    planted.write_text(source.read_text().replace("'version': 1", "'version': 2"))
    os.utime(planted, ns=(told.st_atime_ns, told.st_mtime_ns))
    cache = Path(py_compile.compile(str(planted), cfile=str(tmp_path / "x.pyc"), dfile=str(source), doraise=True) or "")
    place = site / "acme" / "__pycache__" / f"plugin.{__import__('sys').implementation.cache_tag}.pyc"
    place.parent.mkdir(exist_ok=True)
    shutil.copy(cache, place)
    ran = scanned(tmp_path, site, *pin(tmp_path, site, "acme"))
    assert states(ran) == ["1"]


@pytest.mark.root
def test_what_a_plugin_needs_is_pinned_too(tmp_path: Path) -> None:
    site = made(tmp_path, "import needed\n" + probe("acme.x", "return {'version': needed.VERSION}"))
    files: dict[str, str | bytes] = {"needed/__init__.py": "VERSION = 7\n"}
    install(build(tmp_path, "needed", files, {}), site)
    ran = scanned(tmp_path, site, *pin(tmp_path, site, "acme"))
    assert ran.refused("acme") == [
        ("broken", "cannot be imported: ModuleNotFoundError: 'needed' belongs to no pinned distribution; `hostcheck plugins pin` the one that has it")
    ]
    assert states(scanned(tmp_path, site, *pin(tmp_path, site, "acme", "needed"))) == ["7"]


@pytest.mark.root
def test_an_entry_point_leads_into_its_own_distribution_only(tmp_path: Path) -> None:
    install(build(tmp_path, "acme", {"acme/__init__.py": ""}, {"plugin": "antigravity"}), tmp_path / "site")
    ran = scanned(tmp_path, tmp_path / "site", *pin(tmp_path, tmp_path / "site", "acme"))
    assert ran.refused("acme") == [("broken", "'antigravity' is not one of its modules")]


@pytest.mark.root
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("plugins = 1", "`[[plugins]]`, each with distribution, version and sha256"),
        ("[[plugins]]\ndistribution = 'acme'\n", "`[[plugins]]`, each with distribution, version and sha256"),
        ("[[plugins]]\ndistribution = 'acme'\nversion = '1.0'\nsha256 = ''\nvalidated = true\n", "`[[plugins]]`, each with distribution, version and sha256"),
        ("[[plugin]]\ndistribution = 'acme'\n", "did you mean 'plugins'?"),
    ],
)
def test_a_pin_that_says_nothing_is_refused(tmp_path: Path, site: Path, text: str, words: str) -> None:
    (tmp_path / "config.toml").write_text(text)
    ran = scanned(tmp_path, site, "--config", "config.toml")
    assert ran.code == 2 and words in ran.err


def test_evidence_with_a_vendors_facts_is_judged_where_the_vendor_is_not_installed(tmp_path: Path, site: Path) -> None:
    ran = scanned(tmp_path, site, prefix=AS_USER)
    alone = hostcheck(tmp_path, "evaluate", "evidence.json", "--format", "json=report.json")
    assert alone.ours() == ran.ours()
    with pytest.raises(DocumentError, match="report"):
        read(str(tmp_path / "evidence.json"), "report")
