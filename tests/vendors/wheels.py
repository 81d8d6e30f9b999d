"""Wheels of vendors that exist for one test: made by hand, put into a folder of their own, scanned with by a command of its own.

They are unpacked as pip does it, which takes a hundredth of the time; test_docs.py holds the two against each other.
"""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hostcheck.installed import distributions
from hostcheck.trust import changed, content_sha256, doubt
from hostcheck.unpacking import unpack

ANY = {"type": "object", "properties": {}, "required": [], "additionalProperties": True}
HEAD = """
import json, os, sys, time, signal
from hostcheck.api import *
"""


def probe(name: str, body: str, schema: str = "any.json") -> str:
    """Return the source of a plugin with one probe that does `body`."""
    return f"""{HEAD}
def collect(host):
    {body}

@hookimpl
def hostcheck_probes():
    return [Probe(id={name!r}, title="A probe", facts_schema=beside(__file__, {schema!r}), collect=collect)]
"""


def build(
    folder: Path, name: str, files: dict[str, str | bytes], entry_points: dict[str, str], version: str = "1.0", extra: dict[str, str] | None = None
) -> Path:
    """Write the wheel of a pure Python distribution; `files` by path in it, `extra` without a line in its RECORD."""
    project = name.replace("-", "_")
    info = f"{project}-{version}.dist-info"
    contents = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    contents[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()
    contents[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    contents[f"{info}/entry_points.txt"] = ("[hostcheck]\n" + "".join(f"{key} = {module}\n" for key, module in entry_points.items())).encode()
    record = "".join(f"{path},sha256={_digest(content)},{len(content)}\n" for path, content in contents.items()) + f"{info}/RECORD,,\n"
    wheel = folder / f"{project}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, content in {**contents, f"{info}/RECORD": record.encode(), **{path: text.encode() for path, text in (extra or {}).items()}}.items():
            archive.writestr(path, content)
    return wheel


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")


def install(wheel: Path, target: Path) -> None:
    """Put a wheel into `target` as an installer does: all of its files, and a line in its RECORD for what it adds itself."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
        (record,) = (target / name for name in archive.namelist() if name.endswith(".dist-info/RECORD"))
    added = record.with_name("INSTALLER")
    added.write_text("tests\n")
    with record.open("a") as file:
        file.write(f"{added.relative_to(target)},sha256={_digest(added.read_bytes())},{added.stat().st_size}\n")


def install_by_pip(wheel: Path, target: Path) -> None:
    """Have pip install a wheel into `target`."""
    pip = [sys.executable, "-m", "pip", "--no-input", "--disable-pip-version-check", "-q"]
    argv = [*pip, "install", "--no-index", "--no-deps", "--target", str(target), str(wheel)]
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL, env={**os.environ, "PIP_ROOT_USER_ACTION": "ignore"})


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str
    report: dict[str, Any] = field(default_factory=dict)
    evidence: dict[str, Any] = field(default_factory=dict)

    def refused(self, distribution: str) -> list[tuple[str, str]]:
        """Return status and reason of what is not used of a distribution."""
        return [(one["status"], one["reason"]) for one in self.report["refused"] if one["distribution"] == distribution]

    def imported(self) -> set[str]:
        """Return what the command itself imported, if it was started by `IMPORTS`."""
        return set(re.findall(r"^import time:.*\| +(\S+)$", self.err, re.MULTILINE))

    def ours(self) -> bytes:
        """Return the findings of the built-in benchmark, as bytes."""
        return json.dumps([finding for finding in self.report["findings"] if finding["benchmark"] == "container-host"], sort_keys=True).encode()


COMMAND = """
import os, sys
from hostcheck.cli import lock, main
lock.FOLDER = os.path.abspath("run")
sys.exit(main())
"""
"""The command, with a lock of its own: other tests scan at the same time."""
IMPATIENT = """
from hostcheck.registry import child, foreign
collect = foreign.collect
foreign.collect = lambda one, probes, wall, times: collect(one, probes, min(wall, 1.0), times)
child.ANALYSE = child.WRITE = foreign.ANALYSE = foreign.IMPORT = foreign.WRITE = 1.0
"""
"""Before that, for a vendor that hangs: one second, where else everything of a vendor's has three or more."""


def hostcheck(
    place: Path, *argv: str, site: Path | None = None, prefix: tuple[str, ...] = (), timeout: float = 60, impatient: bool = False, before: str = ""
) -> Ran:
    """Run a command of hostcheck with the distributions of `site` beside it; `prefix` starts it, such as `AS_USER`; first it runs the Python of `before`."""
    env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **({"PYTHONPATH": str(site)} if site else {})}
    command = [*prefix, sys.executable, "-c", before + (IMPATIENT if impatient else "") + COMMAND, *argv]
    done = subprocess.run(command, cwd=place, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout, check=False)
    report, evidence = (json.loads(path.read_text()) if (path := place / f"{kind}.json").exists() else {} for kind in ("report", "evidence"))
    return Ran(code=done.returncode, out=done.stdout, err=done.stderr, report=report, evidence=unpack(evidence) if evidence else {})


AS_USER = ("unshare", "--user") if os.geteuid() == 0 else ()
"""In a user namespace of its own nobody is root of the host, whatever files he may read."""


IMPORTS = ("env", "PYTHONPROFILEIMPORTTIME=1")
"""Has a command name on standard error all that it imports; its children have none."""


def pin(place: Path, site: Path, *names: str) -> tuple[str, ...]:
    """Return the options by which root's hostcheck uses the distributions of `site`; a user needs none. What is written is what `plugins pin` prints."""
    if os.geteuid() != 0:
        return ()
    known = {one.name: one for one in distributions([str(site)], names)}
    pins = [known[name] for name in names]
    assert [(doubt(one), changed(one)) for one in pins] == [("", [])] * len(pins)
    quoted = [{"distribution": one.name, "version": one.version, "sha256": content_sha256(one)} for one in pins]
    (place / "config.toml").write_text("".join("[[plugins]]\n" + "".join(f'{key} = "{value}"\n' for key, value in one.items()) for one in quoted))
    return ("--config", "config.toml")


SCAN = ("scan", "--format", "json=report.json", "--evidence", "evidence.json", "--deadline", "6")
