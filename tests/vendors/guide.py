"""The plugin of docs/plugins.md as its author has it: the files that the guide shows, and the documents that `hostcheck compile` makes of its rules."""

import configparser
import re
import tempfile
from functools import cache
from pathlib import Path

from vendors.wheels import AS_USER, build, hostcheck, install

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "plugins.md").read_text(encoding="utf-8")
BENCHMARK = "acme_motd/benchmark"


def files() -> dict[str, str]:
    """Return the files that the guide shows, by path: a path in backquotes and a colon, then the block."""
    return {path: text for path, text in re.findall(r"^`([\w./-]+)`:\n\n```\w+\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)}


def wheel(folder: Path, made: dict[str, str]) -> Path:
    """Build the wheel of the plugin, with the documents that were made: what its setup.cfg packs, so no YAML."""
    shown = files()
    setup = configparser.ConfigParser()
    setup.read_string(shown.pop("setup.cfg"))
    entry_points = dict(line.split(" = ") for line in setup["options.entry_points"]["hostcheck"].strip().splitlines())
    assert {path.split("/")[0] for path in shown} == {setup["options"]["packages"]}
    packed: dict[str, str | bytes] = {path: text for path, text in {**shown, **made}.items() if not path.endswith(".yaml")}
    return build(folder, setup["metadata"]["name"], packed, entry_points, setup["metadata"]["version"])


@cache
def compiled() -> dict[str, str]:
    """Return the documents that the command makes, by path, where the plugin is installed without them."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        install(wheel(folder, {}), folder / "site")
        for path, text in files().items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        ran = hostcheck(folder, "compile", BENCHMARK, site=folder / "site", prefix=AS_USER)
        assert ran.code == 0, ran.out + ran.err
        return {str(path.relative_to(folder)): path.read_text() for path in (folder / BENCHMARK).glob("*.json")}
