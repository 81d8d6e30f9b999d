"""What setup.cfg, tox.ini and the README promise about each other and about the tree.

A package or a resource that setup.cfg does not name works in an editable install, and is missing from the wheel.
"""

import configparser
import fnmatch
import re
from collections.abc import Iterator
from importlib.metadata import entry_points, version
from pathlib import Path

import hostcheck

ROOT = Path(__file__).resolve().parents[2]
SETUP = configparser.ConfigParser()
SETUP.read(ROOT / "setup.cfg", encoding="utf-8")
FOLDERS = dict(re.findall(r"^(\S+) = (\S+)$", SETUP["options"]["package_dir"], re.MULTILINE))


DOMAINS = {path.parent.name for path in (ROOT / FOLDERS["hostcheck_builtin"]).glob("*/*_*.facts.json")}


def lines(section: str, option: str) -> list[str]:
    return [line for line in SETUP[section][option].splitlines() if line]


def files() -> Iterator[tuple[str, Path]]:
    """Yield each file of the source trees with the name of its folder as a package."""
    for package, folder in FOLDERS.items():
        base = ROOT / folder
        for path in sorted(base.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield ".".join((package, *path.relative_to(base).parent.parts)), path


def test_every_package_is_listed() -> None:
    assert {package for package, path in files() if path.suffix == ".py"} == set(lines("options", "packages"))


def test_every_listed_package_has_an_init() -> None:
    assert {package for package, path in files() if path.name == "__init__.py"} == set(lines("options", "packages"))


def test_every_resource_is_shipped() -> None:
    """YAML is what authors write; what is shipped is compiled from it."""
    shipped = {package: lines("options.package_data", package) for package in SETUP["options.package_data"]}
    lost = [path for package, path in files() if path.suffix not in (".py", ".yaml") and not _is_shipped(package, path.name, shipped)]
    assert lost == []


def _is_shipped(folder: str, name: str, shipped: dict[str, list[str]]) -> bool:
    parts = folder.split(".")
    for depth in range(1, len(parts) + 1):
        within = "/".join((*parts[depth:], name))
        if any(fnmatch.fnmatchcase(within, glob) and within.count("/") == glob.count("/") for glob in shipped.get(".".join(parts[:depth]), [])):
            return True
    return False


def test_the_version_is_written_once() -> None:
    assert version("hostcheck-scanner") == hostcheck.__version__
    assert f"## {hostcheck.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_built_ins_are_plugins_like_any_other() -> None:
    ours = {entry.name: entry.value for entry in entry_points(group="hostcheck") if entry.dist is not None and entry.dist.name == "hostcheck-scanner"}
    assert ours == {name: f"hostcheck_builtin.{name}" for name in DOMAINS | {"benchmark", "formats"}}


def test_the_readme_is_what_ci_runs() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    commands = re.findall(r"^readme_\w+='(.+)'$", script, re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        assert f"\n{command}\n" in readme


def test_what_is_mutated_and_by_which_tests_it_is_judged_is_there() -> None:
    mutated = [path.partition("/") for path in lines("mutmut", "only_mutate")]
    assert {package for package, _, _ in mutated} <= set(lines("mutmut", "source_paths")) == set(FOLDERS)
    named = [f"{FOLDERS[package]}/{rest}" for package, _, rest in mutated] + lines("mutmut", "pytest_add_cli_args_test_selection")
    assert [path for path in named if not (ROOT / path).is_file()] == []


def test_the_oldest_libraries_that_are_tried_are_those_that_setup_cfg_allows() -> None:
    tox = configparser.ConfigParser()
    tox.read(ROOT / "tox.ini", encoding="utf-8")
    tried = dict(line.partition("==")[::2] for line in re.sub(r" +#.*", "", tox["testenv:lowest"]["deps"]).splitlines() if line)
    for line in lines("options", "install_requires"):
        name, _, least = line.partition(">=")
        assert f"{tried[name]}.".startswith(f"{least}."), line


def test_what_is_dealt_out_to_workers_and_what_runs_alone_is_there() -> None:
    named = re.findall(r'"(\w+/test_\w+)"', (ROOT / "tests/conftest.py").read_text(encoding="utf-8"))
    assert len(named) > 10
    assert [name for name in named if not (ROOT / f"tests/{name}.py").is_file()] == []


def test_each_environment_of_tox_that_ci_needs_is_there() -> None:
    tox = configparser.ConfigParser()
    tox.read(ROOT / "tox.ini", encoding="utf-8")
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    for name in ("lint", "type", "package", "engines", "bench", "mutation"):
        assert f"testenv:{name}" in tox
    for name in ("lint", "type", "package", "engines"):
        assert re.search(rf"^ *(stage \w+ )?tox -e {name}( --skip-pkg-install)?$", script, re.MULTILINE), name


def test_every_folder_of_tests_is_run() -> None:
    """By the README's command, or by an environment of tox that names it."""
    folders = {f"tests/{path.parent.name}" for path in ROOT.glob("tests/*/test_*.py")}
    others = folders - set(lines("tool:pytest", "testpaths"))
    environments = (ROOT / "tox.ini").read_text(encoding="utf-8")
    assert [folder for folder in sorted(others) if folder not in environments] == []
    assert set(lines("tool:pytest", "testpaths")) <= folders
