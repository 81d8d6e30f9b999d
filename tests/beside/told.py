"""Where a report tells of a thing that linux-smart-enumeration names in a line, and which kinds of lines need not be told."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from beside.lse import Named, without_base
from hosts.test_paths import is_abroad
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scan
from real_engines.world import USERS

PATH = re.compile(r"(?<![\w.{}/-])(?:\{home\}|\{base\})?/[\w.@+{}-][\w.@+/{}-]*")
ADDRESS = re.compile(r"\b[0-9]+(?:\.[0-9]+){3}:[0-9]+\b")
NAMES = re.compile(r".(usr0[123]0|sys040)")
"""Tests of it that name accounts and groups, each at the beginning of a line."""
MEANT = {re.compile(r".ctn0[12]0 (CONTAINER ID .*|docker)"): "/run/docker.sock", re.compile(r".sud.*"): "runs-as"}
"""What is meant by lines that name no path: the engine answers a user, or the user is in its group; a user runs something as another, as an edge of a path."""
LEFT_OUT = {
    re.compile(r".usr030 .*"): "who else has a shell",
    re.compile(r".pro0[23]0 .*"): "which processes there are: a way goes by what one of them listens on, or runs",
    re.compile(r".sud010 (Matching Defaults entries|User \S+ may run|env_reset,) .*"): "settings of sudo, and titles of its own",
    re.compile(r".fst150 .*"): "repositories",
    re.compile(r".ctn010 Docker version .*"): "which docker command is found",
    re.compile(r".fst000 /run/(disk|box(/ready)?)"): "what only stands in for the device of a disk here, or for the files of a container",
}
"""What is no way to root for anybody; a line is left out where the report does not tell of it anyway."""
WORDS = ("failure", "path", "not judged")


@dataclass(frozen=True, kw_only=True)
class Ours:
    """What a report says, each with its own key: the text of each failure and path, and of each thing that is not judged."""

    failures: dict[str, str] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    not_judged: dict[str, str] = field(default_factory=dict)

    def where(self, line: tuple[str, str]) -> list[str]:
        """Return where the report tells of a thing that a line names: as a failure, a path, or not judged."""
        named = things(line)
        parts = zip(WORDS, (self.failures, self.paths, self.not_judged), strict=True)
        return [word for word, part in parts if any(is_in(thing, text) for thing in named for text in part.values())]

    def more_than(self, other: "Ours") -> "Ours":
        """Return what another report does not say."""
        mine = (self.failures, self.paths, self.not_judged)
        others = (other.failures, other.paths, other.not_judged)
        kept = [{key: text for key, text in one.items() if key not in another} for one, another in zip(mine, others, strict=True)]
        return Ours(failures=kept[0], paths=kept[1], not_judged=kept[2])


def ours(scanned: Scan, world: RootlessWorld) -> Ours:
    """Return what a report says of a host."""
    report = scanned.report
    fails = [one for one in report["findings"] if one["result"] == "fail"]
    paths = [one for one in report["paths"] if not is_abroad(one, world)]

    def plain(told: Any) -> str:
        return without_base(json.dumps(told), world)

    return Ours(
        failures={without_base(f"{one['rule']} {one['subject']}", world): plain([one["subject"], one["because"], one["evidence"]]) for one in fails},
        paths={without_base(key(one), world): plain(one) for one in paths},
        not_judged={without_base(name, world): plain(one) for name, one in report["not_judged"].get("programs", {}).items()},
    )


def key(path: dict[str, Any]) -> str:
    """Return what tells a path from others, as rows of hosts write it."""
    return f"{path['principal']}: {path['strength']} {path['needs']}: {' '.join(step['edge'] for step in path['steps'])}"


def things(line: tuple[str, str]) -> list[str]:
    """Return the things that a line names: paths and addresses, of some tests an account or a group, or what is meant; else the line itself."""
    test, text = line
    if NAMES.fullmatch(test):
        return [text.partition(":")[0]]
    meant = [thing for lines, thing in MEANT.items() if lines.fullmatch(f"{test} {text}")]
    return [*PATH.findall(text), *ADDRESS.findall(text)] or meant or [text]


def is_in(thing: str, text: str) -> bool:
    """Say whether a text names a thing, or something below it."""
    return re.search(rf"(?<![\w.{{}}/-]){re.escape(thing)}(?![\w-]|\.\w)", text) is not None


def is_left_out(line: tuple[str, str], user: str) -> bool:
    """Say whether a line need not be told: its kind is no way to root, or it names what a user has in the directory of the user's own session."""
    test, text = line
    own = f"/run/user/{USERS[user][0]}/" if user in USERS else "/nonexistent/"
    return any(lines.fullmatch(f"{test} {text}") for lines in LEFT_OUT) or text.startswith(own)


def untold(named: Named, report: Ours, user: str) -> list[str]:
    """Return the lines of which a report tells nothing, and that are not left out."""
    return [f"{test} {text}" for test, text in sorted(named) if not report.where((test, text)) and not is_left_out((test, text), user)]
