"""The vendor's plugin of examples/vendor: built to a wheel, installed as a stranger would, tested by its own tests and scanned with."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from vendors.wheels import AS_USER, IMPORTS, SCAN, hostcheck, install, pin

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "vendor"
NAME = "nadir-hostcheck"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which the example is installed, from its wheel."""
    folder = tmp_path_factory.mktemp("example")
    shutil.copytree(EXAMPLE, folder / "source", ignore=shutil.ignore_patterns("build", "dist", "*.egg-info", "__pycache__", ".pytest_cache"))
    argv = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q", "wheel", "--no-deps", "-w", str(folder), str(folder / "source")]
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL, env={**os.environ, "PIP_ROOT_USER_ACTION": "ignore"})
    (wheel,) = folder.glob("*.whl")
    install(wheel, folder / "site")
    return folder / "site"


def test_its_own_tests_pass(site: Path) -> None:
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    env = {**os.environ, "PYTHONPATH": str(site), "PYTHONSAFEPATH": "1"}  # what is installed is tested, not what lies beside the tests
    done = subprocess.run(argv, cwd=site.parent / "source", env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.root
def test_root_without_a_pin_ignores_it(site: Path, tmp_path: Path) -> None:
    ran = hostcheck(tmp_path, *SCAN, site=site)
    assert [status for status, _ in ran.refused(NAME)] == ["ignored"]
    assert {one["id"] for one in ran.report["benchmarks"]} == {"container-host"}


@pytest.mark.parametrize("prefix", [(), AS_USER], ids=["pinned", "as a user"])
def test_with_a_pin_and_as_a_user_it_states_joins_judges_and_writes(site: Path, tmp_path: Path, prefix: tuple[str, ...]) -> None:
    options = () if prefix else pin(tmp_path, site, NAME)
    ran = hostcheck(tmp_path, *SCAN, "--profile", "level2", "--format", "nadir-csv=out.csv", *options, site=site, prefix=prefix)
    assert ran.refused(NAME) == []
    assert "nadir.sshd" in ran.evidence["probes"]
    assert {one["rule"] for one in ran.report["findings"] if one["benchmark"] == "nadir"} == {"NADIR-SSH-01", "NADIR-SSH-02"}
    assert len((tmp_path / "out.csv").read_text().splitlines()) == len(ran.report["findings"]) + 1
    assert "NADIR-SSH-01" in hostcheck(tmp_path, "explain", "NADIR-SSH-01", "report.json", *options, site=site, prefix=prefix).out


@pytest.mark.root
def test_pinned_by_the_command_its_rules_are_not_validated_again(site: Path, tmp_path: Path) -> None:
    ran = hostcheck(tmp_path, "plugins", "pin", NAME, site=site)
    assert (ran.code, ran.err) == (0, "")
    (tmp_path / "config.toml").write_text(ran.out)
    ran = hostcheck(tmp_path, *SCAN, "--profile", "level2", "--config", "config.toml", site=site, prefix=IMPORTS)
    assert ran.refused(NAME) == [] and {one["rule"] for one in ran.report["findings"] if one["benchmark"] == "nadir"} == {"NADIR-SSH-01", "NADIR-SSH-02"}
    assert not ran.imported() & {"hostcheck.lint", "jsonschema"} and "hostcheck.cli.plugin_benchmarks" in ran.imported()
