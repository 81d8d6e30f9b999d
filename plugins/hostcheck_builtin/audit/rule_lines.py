"""A line of an audit rules file as auditctl -R takes it (fileopt() of auditctl.c): words are parted by spaces alone, and nothing is quoted.

A line that auditctl does not take ends the loading, unless -i or -c came before it: what stands below it is never loaded.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from hostcheck_builtin.audit.audit_rules import ALL_BITS, CHANGES, AuditRule, is_harmless, met

LONGEST: Final = 6143
"""LINE_SIZE of auditctl.c, without the end; a longer line is taken for two."""
WITH_VALUE: Final = frozenset("CefrbaAdSFmRwWkpq")
WITHOUT: Final = frozenset("hicslDvt")
LONG: Final = {"--backlog_wait_time": 1, "--loginuid-immutable": 0, "--reset-lost": 0, "--reset_backlog_wait_time_actual": 0, "--signal": 1, "--help": 0}
FILTERS: Final = frozenset({"task", "exit", "user", "exclude", "filesystem", "io_uring"})
OPERATORS: Final = ("!=", ">=", "<=", "&=", "=", ">", "<", "&")
WATCHED: Final = "the path of -w"
TREES: Final = {"path": False, "dir": True, WATCHED: None}
PLAIN: Final = frozenset({*TREES, "perm", "key"})
FIELDS: Final = frozenset(
    {
        *PLAIN,
        *"pid uid euid suid fsuid gid egid sgid fsgid auid loginuid pers arch msgtype subj_user subj_role subj_type subj_sen subj_clr ppid".split(),
        *"obj_user obj_role obj_type obj_lev_low obj_lev_high obj_uid obj_gid sessionid devmajor devminor inode exit success filetype".split(),
        *"fstype field_compare a0 a1 a2 a3 exe saddr_fam".split(),
    }
)
"""Those that auditctl knows (lib/fieldtab.h of audit)."""
DONE: Final = (("success", "=", "1"), ("success", "=", "yes"))
"""What fails changes nothing."""
BITS: Final[dict[str, tuple[int, ...]]] = {
    **dict.fromkeys(("b64", "x86_64", "aarch64", "ppc64", "ppc64le", "s390x", "riscv64", "loongarch64"), (64,)),
    **dict.fromkeys(("b32", "i386", "i686", "arm", "armeb", "ppc", "s390"), (32,)),
}
NOWHERE: Final = "\a"
"""What a space with a backslash before it becomes until the words are parted, as in preprocess() of auditctl.c."""


Condition = tuple[str, str, str]
"""Name, operator and value of -F."""


class RuleLine(NamedTuple):
    """What a line does: a rule that it adds, first of all with `first`; what it turns off or on; what it takes back (a path, "" for all)."""

    rule: AuditRule | None = None
    first: bool = False
    enabled: int | None = None
    takes_back: str | None = None
    goes_on: bool = False
    wrong: str = ""


class Wrong(Exception):
    """Raised where auditctl would not take a line; says why in words of ours."""


def line(text: str, at: str) -> RuleLine:
    """Return what a line does; one that does nothing of interest (a comment, -b) does nothing. `at` says where it stands."""
    try:
        return _line(text, at)
    except Wrong as error:
        return RuleLine(wrong=str(error))


def _line(text: str, at: str) -> RuleLine:
    if len(text.encode("utf-8", "surrogateescape")) > LONGEST:
        raise Wrong(f"is longer than {LONGEST} bytes")
    words = [word.replace(NOWHERE, " ") for word in text.replace("\\ ", NOWHERE).split(" ") if word]
    if not words or words[0].startswith("#"):
        return RuleLine()
    options = list(_options(words))
    letters = {letter for letter, _ in options}
    given = dict(options)
    if "e" in letters:
        if given["e"] not in ("0", "1", "2"):
            raise Wrong("has an -e that is not 0, 1 or 2")
        return RuleLine(enabled=int(given["e"]))
    if "D" in letters:
        return RuleLine(takes_back="")
    if letters & {"i", "c"}:
        return RuleLine(goes_on=True)
    if letters & {"d", "W"}:
        return RuleLine(takes_back=_taken_back(options))
    if letters & {"a", "A", "w"}:
        return _added(options, at)
    if letters & {"F", "S", "p", "C"}:
        raise Wrong("names no list")
    return RuleLine()


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    """Yield options and their values as getopt_long(3) parts them."""
    rest = iter(words)
    for word in rest:
        if word.startswith("--") and len(word) > 2:
            name, equals, _ = word.partition("=")
            if name not in LONG:
                raise Wrong("has an option that auditctl does not know")
            if LONG[name] and not equals:
                next(rest, "")
            yield name, ""
            continue
        if len(word) < 2 or word[0] != "-":
            raise Wrong("has a word that belongs to no option")
        letters = word[1:]
        while letters:
            letter, letters = letters[0], letters[1:]
            if letter in WITH_VALUE:
                value = letters or next(rest, None)
                if value is None:
                    raise Wrong(f"has no value for -{letter}")
                yield letter, value
                break
            if letter not in WITHOUT:
                raise Wrong("has an option that auditctl does not know")
            yield letter, ""


def _taken_back(options: list[tuple[str, str]]) -> str:
    """Return the path whose rules are taken back, "" where none is named: then all are taken for gone."""
    watched = [value for letter, value in options if letter == "W"]
    named = [value.partition("=")[2] for letter, value in options if letter == "F" and value.startswith(("path=", "dir="))]
    return next((trimmed(path) for path in (*watched, *named)), "")


def trimmed(path: str) -> str:
    """Return a path without slashes at its end, as auditctl takes it."""
    return path.rstrip("/") or "/"


def _added(options: list[tuple[str, str]], at: str) -> RuleLine:
    _demand_order([letter for letter, _ in options])
    letter, value = next((letter, value) for letter, value in options if letter in "aAw")
    if letter == "w":
        return RuleLine(rule=_ruled("exit", "always", [("F", f"{WATCHED}={value}"), *((one, given) for one, given in options if one != "S")], at))
    words = value.split(",")
    filters, actions = [word for word in words if word in FILTERS], [word for word in words if word in ("always", "never")]
    if {"possible", "entry"} & set(words):
        return RuleLine()  # deprecated: it is passed over
    if len(words) != 2 or len(filters) != 1 or len(actions) != 1:
        raise Wrong("names no list and action that auditctl knows")
    return RuleLine(rule=_ruled(filters[0], actions[0], options, at), first=letter == "A")


def _demand_order(letters: list[str]) -> None:
    """Raise Wrong where something comes before what it belongs to: fields come after the list, -p after a field, -k after what it is the key of."""
    lists = [place for place, letter in enumerate(letters) if letter in "aAw"]
    if len(lists) != 1:
        raise Wrong("adds more than one rule")
    about = [place for place, letter in enumerate(letters) if letter in "wFS"]
    early = {letter for place, letter in enumerate(letters) if place < lists[0]}
    bare = {letter for place, letter in enumerate(letters) if not about or place < about[0]}
    if early & set("FCp") or bare & set("pk") or "k" in early:
        raise Wrong("has an option before what it belongs to")


def _absolute(path: str) -> str:
    if not path.startswith("/"):
        raise Wrong("names a path that does not begin with a slash")
    return trimmed(path)


def _changes(perms: str) -> str:
    if not perms or set(perms) - set("rwxa"):
        raise Wrong("has a perm with a letter that is not r, w, x or a")
    return "".join(perm for perm in CHANGES if perm in perms)


def _ruled(filter_: str, action: str, options: list[tuple[str, str]], at: str) -> AuditRule | None:
    fields = [_field(value) for letter, value in options if letter == "F"]
    path, tree = _about(fields)
    if is_harmless(filter_, fields):
        return None
    named = {name: value for name, operator, value in fields if operator == "="}
    perms = [_changes(value) for value in (*_only_if(named, "perm"), *(value for letter, value in options if letter == "p"))]
    bits = BITS.get(named["arch"], () if action == "always" else ALL_BITS) if "arch" in named else ALL_BITS
    calls = [call for letter, value in options if letter == "S" for call in value.split(",")]
    kept = met(perms[-1] if perms else CHANGES, None if not calls or "all" in calls else calls, action)
    compared = ["a comparison" for letter, _ in options if letter == "C"]
    return AuditRule(filter_, action, path, tree, kept, bits, (*_narrowing(fields), *compared), at)


def _only_if(named: Mapping[str, str], name: str) -> list[str]:
    return [named[name]] if name in named else []


def _about(fields: list[Condition]) -> tuple[str, bool | None]:
    """Return the path, "" for none, and whether it is with what is below it; raise Wrong where a field is not taken."""
    about = [(name, value) for name, _, value in fields if name in TREES]
    if any(name not in FIELDS or (name in (*TREES, "perm") and operator != "=") for name, operator, _ in fields) or len(about) > 1:
        raise Wrong("has a field that the kernel or auditctl does not take")
    if not about:
        return "", None
    ((name, value),) = about
    path = _absolute(value)
    if name == "path" and value.endswith("/") and path != "/":
        raise Wrong("names a path that ends with a slash")
    return path, TREES[name]


def _narrowing(fields: list[Condition]) -> list[str]:
    """Return the names of the fields but those of path, perm, architecture and key; of two perms the second narrows the first."""
    names = [name for name, _, _ in fields]
    kept = [one[0] for one in fields if one[0] not in PLAIN and one[:2] != ("arch", "=") and one not in DONE]
    return kept + ["perm"] * (names.count("perm") > 1)


def _field(text: str) -> Condition:
    """Return name, operator and value of -F."""
    found = min(((text.find(operator), -len(operator), operator) for operator in OPERATORS if operator in text), default=None)
    if found is None or found[0] == 0:
        raise Wrong("has an -F without an operator")
    name, operator, value = text.partition(found[2])
    return name, operator, value
