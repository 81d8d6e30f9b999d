"""Prove that what is shipped is whole: sdist, wheel from that sdist, bare venv, run from `/`.

An editable install, and a test run in a checkout, find modules and resources that a wheel may lack; only this looks at the wheel itself.
"""

import json
import os
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TREES = {"hostcheck": "hostcheck", "hostcheck_builtin": "plugins/hostcheck_builtin", "hostcheck_reports": "reports"}
FOR_TESTS = ("tox.ini", "ruff.toml", "LICENSE", "tests/conftest.py", "bench/start.py", ".ci/run")
COMPILED = "hostcheck_reports/templates/compiled/"
USES_COMPILED = """
import jinja2
jinja2.Environment.compile = None  # so that no source can be used
from hostcheck.api import render_template, template
for name in ("html.j2", "text.j2"):
    try:
        render_template(template(name), {})
    except jinja2.UndefinedError as error:
        print(f"package: {name} is compiled for jinja2 {jinja2.__version__}")
"""
RAN = {0, 1, 3}
"""Exit codes of a scan that judged something: this host's own state is not what is tested here."""


def run(*argv: str | Path, cwd: Path | str = ROOT, codes: frozenset[int] | set[int] = frozenset({0})) -> str:
    """Run a command without the environment of this one and return what it printed; raise SystemExit where its exit code is not expected."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run([str(word) for word in argv], cwd=cwd, env=env, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode not in codes:
        raise SystemExit(f"{' '.join(map(str, argv))}: exit {done.returncode}\n{done.stdout}")
    return done.stdout


def build(kind: str, tree: Path, into: Path) -> Path:
    """Build the `kind` (sdist or wheel) of `tree` and return its path."""
    run(sys.executable, "-m", "build", f"--{kind}", "--outdir", into, tree, cwd=into)
    (made,) = into.glob("*.tar.gz" if kind == "sdist" else "*.whl")
    return made


def in_tree() -> set[str]:
    """Return what the wheel must hold, as it will be named there: every file under the source trees but what Python made, and YAML, which is compiled."""
    files = set()
    for package, folder in TREES.items():
        base = ROOT / folder
        files |= {
            f"{package}/{path.relative_to(base)}" for path in base.rglob("*") if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".yaml"
        }
    return files


def compare(wheel: Path) -> None:
    """Raise SystemExit where wheel and tree do not hold the same files, but for the templates that the build has compiled."""
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name and not name.startswith(COMPILED)}
    lost, stale = sorted(in_tree() - held), sorted(held - in_tree())
    if lost or stale:
        raise SystemExit(f"missing from the wheel (list the package, or the resource, in setup.cfg): {lost}\nin the wheel but not in the tree: {stale}")
    print(f"package: the wheel holds all {len(held)} files of the tree")


def unpack(sdist: Path, into: Path) -> Path:
    """Unpack the sdist and return its folder; raise SystemExit where it could not run its own tests."""
    with tarfile.open(sdist) as archive:
        archive.extractall(into, filter="data")
    (tree,) = (path for path in into.iterdir() if path.is_dir())
    lost = [name for name in FOR_TESTS if not (tree / name).is_file()]
    if lost:
        raise SystemExit(f"missing from the sdist (name them in MANIFEST.in): {lost}")
    return tree


def try_out(wheel: Path, place: Path) -> None:
    """Install the wheel into a bare venv and run it from `/`."""
    venv.create(place, with_pip=True)
    run(place / "bin/python", "-m", "pip", "install", "-q", wheel)
    print(run(place / "bin/python", "-c", USES_COMPILED, cwd="/"), end="")
    command = place / "bin/hostcheck"
    print(run(command, "list", "probes", cwd="/"), end="")
    report = json.loads(run(command, "scan", "--format", "json=-", cwd="/", codes=RAN))
    if report["schema"] != "hostcheck.report/2" or not report["findings"] or report["refused"]:
        raise SystemExit(f"an installed scan is not whole: {report['schema']}, {len(report['findings'])} findings, refused {report['refused']}")
    print(f"package: installed from {wheel.name}, scanned from /: {report['verdict']}, {len(report['findings'])} findings")


def main() -> None:
    """Build, compare, install and run."""
    with tempfile.TemporaryDirectory(prefix="hostcheck-package-") as temporary:
        top = Path(temporary)
        for name in ("sdist", "tree", "wheel"):
            (top / name).mkdir()
        tree = unpack(build("sdist", ROOT, top / "sdist"), top / "tree")
        wheel = build("wheel", tree, top / "wheel")
        compare(wheel)
        try_out(wheel, top / "venv")


main()
