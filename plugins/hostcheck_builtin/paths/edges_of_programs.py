"""Edges of what turns one user into another by itself: sudo and doas, programs with the setuid bit or capabilities, and what root runs at its time."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from hostcheck.api import Hole, View, Why, attempt, known, opening, worst_hole
from hostcheck_builtin.paths import who
from hostcheck_builtin.paths.edges_of_accounts import without_password
from hostcheck_builtin.paths.edges_of_files import closing
from hostcheck_builtin.paths.graph import EVERYONE, OTHERS, ROOT, UNLISTED, USER, Change, Edge, Needs, Strength

NEEDS: Final = {"nothing": Needs.NOTHING, "own-password": Needs.OWN_PASSWORD, "other-secret": Needs.OTHER_SECRET}
GIVE_ALL: Final = frozenset({"engine", "shell"})
"""Kinds of programs that do for their caller whatever their owner may."""
LINKER: Final = "/etc/ld.so.conf"
LINES: Final = {
    "mount": "add nosuid and nodev to the options at {}",
    "output": "let the user's own program, or the journal, write what {} has root write",
    "library-path": "take the directory out of {}, and run ldconfig",
}
"""What to do with a line by which root believes a file, by the kind of that."""
UNKNOWN: Final = {"changed": "is not what its package brought", "of-no-package": "is from no package"}
"""What is said of a program whose content is not known."""
KINDS: Final = {"setuid": "setuid", "capabilities": "file-capabilities"}
"""Of what kind the change is that takes from a program what gives most of its rights."""
MISSING: Final = "missing-password"
"""What somebody needs who is asked for a password and has none: nobody can give it."""
ANY: Final = "ALL"
ANY_COMMAND: Final = "any-command"
ASKED: Final = {"nothing": "without a password", "own-password": "with their own password", "other-secret": "with a password that is not theirs"}
BY_SETTING: Final = "setting"
"""What has a line of sudo's ask nobody, where that is not the line itself."""
SUDO: Final = Edge(kind="runs-as", origin=OTHERS, to=ROOT, because="run a command as another user", technique="T1548.003")
SETUID: Final = Edge(kind="executes", origin=OTHERS, to=ROOT, because="execute a program that gives its owner's rights", technique="T1548.001")
WRITES: Final = Edge(kind="writes", origin=OTHERS, to=ROOT, because="write a file that root runs", technique="T1574")
SEARCHED: Final = replace(WRITES, because="put a program where sudo searches for programs", strength=Strength.LIKELY, technique="T1574.007")
TECHNIQUES: Final = {
    "accounts": "T1098",
    "at": "T1053.002",
    "authorized-keys": "T1098.004",
    "boot-image": "T1542",
    "boot-script": "T1037",
    "boot-settings": "T1037",
    "command": "T1574.010",
    "cron": "T1053.003",
    "disk": "T1006",
    "environment-file": "T1574.007",
    "generator": "T1543.002",
    "hook": "T1546",
    "kernel-helper": "T1547.006",
    "library-path": "T1574.006",
    "module-install": "T1547.006",
    "mount": "T1548.001",
    "pam": "T1556.003",
    "profile": "T1546.004",
    "search-path": "T1574.007",
    "timer": "T1053.006",
    "udev": "T1546.017",
    "unit": "T1543.002",
}
"""By what makes root run a file the technique of MITRE ATT&CK."""


def edges(facts: Mapping[str, Any]) -> Iterator[Edge]:
    """Yield the edges of all three."""
    whose = who.owners(facts)
    yield from who.each(facts, "sudo-rights", "grants", SUDO, partial(_grant, changed=attempt(_changed, facts)), named=_granted)
    yield from who.each(facts, "sudo-rights", "commands", replace(WRITES, technique="T1548.003"), _command)
    yield from who.each(facts, "sudo-rights", "search_path", SEARCHED, partial(_searched, used=attempt(_is_used, facts)))
    yield from who.each(facts, "setuid-access", "programs", SETUID, partial(_program, whose=whose), whose)
    yield from who.each(facts, "root-program-access", "files", WRITES, _file)
    of_users = replace(WRITES, because="write a file that a user with a way to root runs")
    yield from who.each(facts, "root-program-access", "user_files", of_users, _users, str)
    of_containers = replace(WRITES, to=UNLISTED, because="write a file that a container runs")
    yield from who.each(facts, "root-program-access", "container_files", of_containers, _started)


def _changed(facts: Mapping[str, Any]) -> frozenset[str]:
    """Return the programs of sudo's rules that somebody can change."""
    return frozenset(known(facts["sudo-rights"]["commands"]))


def _is_used(facts: Mapping[str, Any]) -> bool:
    """Say whether somebody runs commands as root by sudo, which then searches its own path."""
    grants: View = facts["sudo-rights"]["grants"]
    told = [attempt(lambda one: grants[one]["tool"] == "sudo" and _becomes(grants[one]) == ROOT, key) for key in known(grants)]
    return opening(grants) is not None or any(one is not False for one in told)


def _grant(one: View, key: str, pointer: str, *, changed: frozenset[str] | Hole) -> Iterator[Edge]:
    if one["needs"] == MISSING:
        return
    how, to = one["how"], _becomes(one)
    limited = one["gives"] == "limited"
    files = () if isinstance(changed, Hole) else ((one["command"],) if limited else ()) + (tuple(one["runs"]) if "runs" in one else ())
    for file in files:
        if not isinstance(changed, Hole) and file in changed:
            yield from _of_changed(one, key, pointer, to, file)
    if limited:
        return
    because = f"{_said(one, key)}: {how}" if how and one["gives"] != ANY_COMMAND else _said(one, key)
    yield replace(
        SUDO,
        origin=EVERYONE if one["everyone"] else f"user:{one['name']}",
        to=to,
        because=f"{because}, with any group, such as that of the disks" if one["as_group"] == ANY and to == ROOT else because,
        evidence=(pointer,),
        strength=Strength.CERTAIN if one["certain"] and not (one["as_group"] == ANY and one["as_name"] != "root") else Strength.LIKELY,
        needs=NEEDS[one["needs"]],
        changes=(_closes(one),),
    )


def _said(one: View, key: str) -> str:
    """Say what a line of sudo's or doas' lets somebody do, where it stands, and for which group, which its key names, as in ``bob by %ops: ...``."""
    who_, what = "every local user" if one["everyone"] else one["name"], "any command" if one["command"] == ANY else one["command"]
    whom = "root" if "as_uid" in one and one["as_uid"] == 0 else f"group {one['as_group']}" if one["as_group"] else one["as_name"]
    file, line = attempt(one.__getitem__, "file"), attempt(one.__getitem__, "line")
    place = one["place"] if isinstance(file, Hole) or isinstance(line, Hole) else f"{file}, line {line}"
    group = key.partition(": ")[0].partition(" by ")[2]
    return f"{who_} can run {what} as {whom} with {one['tool']}, {ASKED[one['needs']]} ({place}{f', for {group}' if group else ''})"


def _granted(grants: View, key: str) -> list[str] | None:
    """Return the user to whom alone a line gives something; a program that it names may be somebody's who can change it."""
    one = grants[key]
    return None if one["everyone"] or one["gives"] == "limited" or "runs" in one else [one["name"]]


def _becomes(one: View) -> str:
    """Return whom the command runs as: root, another user, or oneself with a group; with any group there is one that is root's equal."""
    if "as_uid" in one and one["as_uid"] == 0:
        return ROOT
    if one["as_group"]:
        return ROOT if one["as_group"] == ANY else f"group:{one['as_group']}"
    return f"user:{one['as_name']}"


def _of_changed(one: View, key: str, pointer: str, to: str, file: str) -> Iterator[Edge]:
    """Yield the edge from a program to whoever it is run as: who has to type a password may never do so."""
    sure = (one["certain"] or one["gives"] == "limited" or file != one["command"]) and one["needs"] == "nothing"
    edge = Edge(
        kind="runs",
        origin=f"file:{file}",
        to=to,
        because=f"{one['tool']} {'runs' if file == one['command'] else 'runs or obeys'} it: {key}",
        evidence=(pointer,),
    )
    yield replace(edge, strength=Strength.CERTAIN if sure else Strength.LIKELY, waits="wait", technique="T1548.003", changes=(_closes(one),))


def _closes(one: View) -> Change:
    """Return the change to a line of sudo's or doas'; where a setting has it ask nobody, to take it out is another than to let it ask."""
    place, told = one["place"], {name: attempt(one.__getitem__, name) for name in ("tool", "line", "unasked_by")}
    fields: dict[str, Any] = {name: value for name, value in told.items() if not isinstance(value, Hole)}
    file, key = attempt(one.__getitem__, "file"), f"sudo {place}"
    alone = attempt(one.__getitem__, "root_only") is True
    if fields.get("unasked_by") == "password":
        return without_password(one["name"])
    if fields.get("unasked_by") == "pam":
        key, what = f"{key} pam", f"take the line {place} out, or let PAM ask for a password"
    elif fields.get("unasked_by") == BY_SETTING:
        key, what = f"{key} {BY_SETTING}", f"take the line {place} out, or the setting by which it asks for no password"
    else:
        what = f"take the line {place} out, or let it ask for a password"
    return Change(key, what, "grant", path="" if isinstance(file, Hole) else file, root_only=alone, **fields)


def _command(one: View, path: str, pointer: str) -> Iterator[Edge]:
    edge = replace(WRITES, to=f"file:{path}", technique="T1548.003")
    told = attempt(one.__getitem__, "changed_by")
    yield from who.edges(told, f"{pointer}/changed_by", replace(edge, because=f"change {path}", changes=closing(told, path)))
    if "members" in one:
        yield from who.inside(one["members"], f"{pointer}/members", edge, partial(_file_of, edge=edge))


def _file_of(one: View, path: str, pointer: str, *, edge: Edge) -> Iterator[Edge]:
    """Yield the edges of a file that a directory or a pattern stands for."""
    yield from who.edges(one, pointer, replace(edge, because=f"change {path}", changes=closing(one, path)))


def _searched(one: View, path: str, pointer: str, *, used: bool | Hole) -> Iterator[Edge]:
    """Yield the edges of a directory of secure_path: whoever puts a program there gets what others run by sudo, by its name or in a script."""
    if used is False:
        return
    told, node = attempt(one.__getitem__, "changed_by"), f"file:{path}"
    edge = replace(SEARCHED, strength=Strength.CERTAIN, to=node, because=f"put a program into {path}", changes=closing(told, path))
    yield from who.edges(told, f"{pointer}/changed_by", edge)
    because = f"sudo searches {path} for programs (secure_path)"
    yield replace(SEARCHED, kind="runs", origin=node, because=because, evidence=(pointer,), waits="wait")


def _program(one: View, path: str, pointer: str, *, whose: who.Whose) -> Iterator[Edge]:
    if "as_uid" not in one:
        return
    node, owner, kind = f"program:{path}", one["owner"], attempt(one.__getitem__, "kind")
    to = ROOT if one["as_uid"] == 0 else f"{USER}{owner}"
    alone, real = one["root_only"], one["realpath"]
    user = whose(real) if to == ROOT and not alone else ""
    gives = "the setuid bit" if one["by"] == "setuid" else one["rights"]
    close = Change(f"program {path}", f"take {gives} from {path}", KINDS[one["by"]], user, path=real, root_only=alone)
    run = replace(SETUID, to=node, because=f"execute {path}", changes=(close,))
    doubt = _doubt(one, path) if to == ROOT and not isinstance(kind, Hole) and attempt(lambda: one["certain"]) is not True else None
    if doubt is not None:
        yield from _of_doubtful(one, path, pointer, run, doubt)
    if not isinstance(kind, Hole) and kind not in GIVE_ALL:
        return
    yield from who.edges(attempt(one.__getitem__, "executed_by"), f"{pointer}/executed_by", run)
    if isinstance(kind, Hole):
        yield who.unseen(replace(SETUID, kind="gives", origin=node, to=to, because=f"run any command by {path}"), kind, f"{pointer}/kind")
        return
    same = f"is a copy of {one['copy_of']} and " if one["copy_of"] else ""
    yield Edge(
        kind="gives",
        origin=node,
        to=to,
        because=f"{path} {same}has {one['rights']}: {one['gives']}",
        evidence=(pointer,),
        strength=Strength.CERTAIN if one["certain"] else Strength.LIKELY,
        technique="T1548.001",
    )


def _doubt(one: View, path: str) -> Hole | None:
    """Return the hole that stands for what a program does whose content is not known; None where it is."""
    content = attempt(one.__getitem__, "content")
    if isinstance(content, Hole):
        return content
    return Hole(why=Why.LIMIT, message=f"{path} {UNKNOWN[content]}, so what it does is not known") if content in UNKNOWN else None


def _of_doubtful(one: View, path: str, pointer: str, run: Edge, doubt: Hole) -> Iterator[Edge]:
    """Yield the edges of a program that may let its caller do anything: it is likely to where a user may have put it there.

    Both lead there by nodes of their own, so that who has the likely path is not taken for somebody of whom all is known.
    """
    gives = replace(SETUID, kind="gives", because=f"run any command by {path}", evidence=(f"{pointer}/content",))
    unknown = f"program:{path}, whose content is not known"
    yield from who.edges(attempt(one.__getitem__, "executed_by"), f"{pointer}/executed_by", replace(run, to=unknown))
    yield who.unseen(replace(gives, origin=unknown), doubt, f"{pointer}/content")
    if attempt(one.__getitem__, "user_may_have_put_it") is not False:
        put = f"program:{path}, which a user may have put there"
        yield from who.edges(attempt(one.__getitem__, "executed_by"), f"{pointer}/executed_by", replace(run, to=put))
        yield replace(gives, origin=put, because=f"{doubt.message}, and a user may have put it there", strength=Strength.LIKELY)


def _users(one: View, name: str, pointer: str) -> Iterator[Edge]:
    """Yield the edges of one user's files; what is not known of them leads to that user."""
    yield from who.inside(
        one, pointer, replace(WRITES, to=f"{USER}{name}", because=f"write a file that {name} runs"), partial(_file, otherwise=f"{USER}{name}")
    )


def _by_line(one: View, path: str) -> tuple[Change, ...]:
    """Return the change of the line by which alone root believes a file, where to change that is what closes it; raises HoleError."""
    if one["kind"] not in LINES or opening(one["reasons"]) is not None or len(known(one["reasons"])) > 1:
        return ()
    place = str(one["place"])
    if one["kind"] == "library-path" and (not place.startswith(LINKER) or path.startswith(LINKER)):
        return ()
    return (_of_line(place, LINES[one["kind"]].format(place)),)


def _of_line(place: str, what: str) -> Change:
    return Change(f"line {place}", what, "line", path=place.rpartition(":")[0] or place)


def _started(one: View, name: str, pointer: str) -> Iterator[Edge]:
    """Yield the edges of what a container runs of the host: who writes it acts there, and gets as far as the container."""
    node = f"{UNLISTED}{name}"
    yield from who.inside(one, pointer, replace(WRITES, to=node, because=f"write a file that {name} runs"), partial(_file, inside=node))


def _file(one: View, path: str, pointer: str, *, otherwise: str = ROOT, inside: str = "") -> Iterator[Edge]:
    """Yield who writes a file, and whom that gives: whoever acts `inside` a container, else `otherwise` where that is not known."""
    node, told = f"file:{path}", attempt(one.__getitem__, "changed_by")
    technique = TECHNIQUES.get(str(attempt(one.__getitem__, "kind")), WRITES.technique)
    write = replace(WRITES, technique=technique, to=node, because=f"change {path}", changes=closing(told, path))
    lines = attempt(_by_line, one, path)
    by_line = () if isinstance(lines, Hole) else lines
    if by_line and (write.changes[0].kind == "place" or one["kind"] == "output"):
        write = replace(write, changes=())  # a home stays its user's, and a directory of logs that of the program
    if "opened_by" in one:
        what = f"take out the line {one['opened_by']}, by which systemd-tmpfiles lets others write at boot"
        write = replace(write, changes=(_of_line(one["opened_by"], what),), waits="reboot")
    yield from who.edges(told, f"{pointer}/changed_by", write)
    run_by, waits = attempt(one.__getitem__, "run_by"), attempt(one.__getitem__, "interaction")
    to: str | Hole = inside or attempt(lambda: ROOT if one["as_uid"] == 0 else f"{USER}{one['of_whom']}")
    sure: Strength | Hole = attempt(lambda: Strength.CERTAIN if one["certain"] else Strength.LIKELY)
    yield Edge(
        kind="runs",
        origin=node,
        to=otherwise if isinstance(to, Hole) else to,
        because=f"{inside or 'root'} runs or trusts {path}" if isinstance(run_by, Hole) else run_by,
        evidence=(pointer,),
        changes=by_line,
        strength=Strength.POTENTIAL if isinstance(to, Hole) or isinstance(sure, Hole) else sure,
        hole=worst_hole(to, sure),
        waits="wait" if isinstance(waits, Hole) or "opened_by" in one else waits,
        technique=technique,
    )
