"""What a stack of PAM decides of somebody who gives no secret, or any: libpam's own walk over what each module may answer (_pam_dispatch_aux() of libpam).

A module of which it is not known what it answers may answer anything, so that a stack may let in, keep out, or either.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any, Final

from hostcheck.api import pattern
from hostcheck_builtin.system.pam_service import LISTFILE, MISSING, SUBSTACK
from hostcheck_builtin.system.passwords import EMPTY, SET

SUCCESS, IGNORE, FAIL = "success", "ignore", "fail"
ANY: Final = frozenset((SUCCESS, IGNORE, FAIL))
EITHER: Final = frozenset((SUCCESS, FAIL))
HARMLESS: Final = frozenset((SUCCESS, IGNORE))
ELSEWHERE: Final = frozenset((SUCCESS, "user_unknown"))
"""What a module answers of an account, which may know it or not."""
CONTROLS: Final[Mapping[str, Mapping[str, str]]] = {
    "required": {SUCCESS: "ok", IGNORE: "ignore", "default": "bad"},
    "requisite": {SUCCESS: "ok", IGNORE: "ignore", "default": "die"},
    "sufficient": {SUCCESS: "done", "default": "ignore"},
    "optional": {SUCCESS: "ok", "default": "ignore"},
}
Option = tuple[str, str]
"""What a module may answer, and what its line does then."""
WALKS: Final = 2000
"""Walks over one stack, one for all that its modules may answer together."""
UNIX: Final = "pam_unix.so"
FAILING: Final = frozenset(("pam_deny.so", MISSING))
SILENT: Final = frozenset((SUBSTACK, *(f"pam_{name}.so" for name in ("faildelay", "nologin", "succeed_if", "usertype", "warn"))))
"""Modules that say nothing when credentials are given."""
NO_FAILURES: Final = frozenset((SUCCESS, IGNORE, "default", "new_authtok_reqd"))
ALWAYS: Final = {
    **{"pam_permit.so": frozenset((SUCCESS,)), SUBSTACK: frozenset((IGNORE,))},
    **dict.fromkeys(FAILING, frozenset((FAIL,))),
    **{f"pam_{name}.so": frozenset((IGNORE,)) for name in ("env", "faildelay", "group", "keyinit", "limits", "mkhomedir", "nologin", "umask", "warn")},
    **{f"pam_{name}.so": HARMLESS for name in ("cap", "ecryptfs", "gnome_keyring", "lastlog", "kwallet", "kwallet5", "systemd")},
}
"""Modules that answer the same whoever asks: none of them asks for a secret, or keeps anybody out for long."""
ASKS: Final = frozenset(
    f"pam_{name}.so"
    for name in (
        *("ccreds", "duo", "fprintd", "google_authenticator", "himmelblau", "krb5", "ldap", "oath", "oddjob_mkhomedir", "opie", "p11", "pkcs11", "radius"),
        *("securid", "slurm", "smbpass", "ssh_agent_auth", "sss", "sss_gss", "systemd_home", "tacplus", "tcb", "u2f", "userdb", "winbind", "yubico"),
    )
)
"""Modules that let in only who gives them something that is theirs: a password from elsewhere, a key, a finger."""
ACTION: Final = pattern(r"([a-z_]+)=([a-z]+|[0-9]+)")
QUIET: Final = frozenset(("debug", "use_uid", "quiet", "quiet_fail", "quiet_success", "audit"))
SYSTEM, REGULAR = range(1, 100), range(1000, 65534)
"""Uids that are of the system, or of people, whatever login.defs says."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PamRequest:
    """A request to PAM: the caller wants to become the target. Names and uids are None where they are not known.

    `password` says how the password is that PAM asks for (system/passwords.py), and `secret` whether the caller knows it.

    `belongs` says whether the user database has the caller, or with `target` the other, in one of these groups: None where that is not known.
    """

    password: str
    target: str | None = None
    target_uid: int | None = None
    caller: str | None = None
    caller_uid: int | None = None
    secret: bool = False
    belongs: Callable[[Sequence[str], bool], bool | None] = lambda _, __: None
    local: bool | None = None
    """Whether /etc/passwd has the target."""


def lets_in(lines: Iterable[Mapping[str, Any]], asked: PamRequest, kind: str = "auth") -> bool | None:
    """Say whether a stack lets somebody in; None where it may, or may not."""
    stack = list(lines)
    options = [_options(line, _answers(line, asked, kind)) for line in stack]
    if prod(map(len, options)) > WALKS:
        return None
    found = {_lets_in(stack, chosen, kind) for chosen in product(*options)}
    return None if len(found) > 1 else found.pop()


def _lets_in(stack: Sequence[Mapping[str, Any]], chosen: Sequence[Option], kind: str) -> bool | None:
    """Say how one walk ends; whoever is let in is then given credentials by the same modules (pam_setcred(3)), which may fail.

    Where lines are jumped over, the second walk was seen to differ from this one. Only that a module that succeeds makes it jump is as here.
    """
    asked: dict[int, Option] = {}
    if not _walk(stack, lambda number: asked.setdefault(number, chosen[number]), {}):
        return False
    if kind != "auth":
        return True
    given = _walk(stack, lambda number: _again(stack[number], asked.get(number)), asked)
    jumps = [answer for answer, action in asked.values() if action.isdigit()]
    return None if any(answer != SUCCESS for answer in jumps) or (jumps and not given) else given


def _again(line: Mapping[str, Any], before: Option | None) -> Option:
    """Return what a module answers when it gives credentials; what that does is what its first answer did."""
    module = line["module"]
    answer = before[0] if before and module == UNIX else FAIL if module in FAILING else IGNORE if module in SILENT else SUCCESS
    return (answer, before[1]) if before else _options(line, frozenset((answer,)))[0]


def _walk(stack: Sequence[Mapping[str, Any]], chosen: Callable[[int], Option], before: Mapping[int, Option]) -> bool:
    """Say how a walk ends, or a second one after `before`, in which what was asked then does what it did.

    What counts on the way is what has been decided (U: nothing, P: for, Q: for, but it failed since, N: against).
    """
    state, number = "U", 0
    while number < len(stack):
        answer, action = chosen(number)
        ends = action == "done" and state in "PQ"
        if answer == IGNORE and number in before and before[number][0] != IGNORE:
            action = action if action.isdigit() else "ignore"
        elif action.isdigit() and number in before and answer != IGNORE:
            state = _after(state, answer, "ok")
        level, number = stack[number]["level"], number + 1
        if action.isdigit():
            for _ in range(int(action)):
                if number >= len(stack) or stack[number]["level"] < level:
                    state = "N"
                    break
                number = _behind(stack, number + 1, level + 1)
            continue
        state = _after(state, answer, action)
        if action == "die" or ends or (action == "done" and state in "PQ"):
            number = _behind(stack, number, level)
    return state == "P"


def _behind(stack: Sequence[Mapping[str, Any]], number: int, level: int) -> int:
    """Return the first line from a number on that stands less deep."""
    while number < len(stack) and stack[number]["level"] >= level:
        number += 1
    return number


def _after(state: str, answer: str, action: str) -> str:
    if action in ("bad", "die"):
        return "N"
    if action == "reset":
        return "U"
    if action in ("ok", "done") and state in "UP":
        return "P" if answer == SUCCESS else "Q"
    return state


def _options(line: Mapping[str, Any], answers: frozenset[str]) -> list[Option]:
    """Return each answer with what the line does then: of a failure it is not said which."""
    control = line["control"]
    told: Mapping[str, str] = CONTROLS.get(control) or dict(ACTION.findall(control))
    rest = told.get("default", "bad")
    found: set[Option] = {(answer, told.get(answer, rest)) for answer in answers if answer != FAIL}
    if FAIL in answers:
        found |= {(FAIL, action) for action in (rest, *(action for value, action in told.items() if value not in NO_FAILURES))}
    return sorted(found)


def _answers(line: Mapping[str, Any], asked: PamRequest, kind: str) -> frozenset[str]:
    module, words = line["module"], list(line["arguments"])
    if module in ALWAYS:
        return ALWAYS[module]
    if kind == "account" and (module in ASKS or module in (UNIX, "pam_faillock.so")):
        return ELSEWHERE if module in ASKS else frozenset((SUCCESS,))
    if module in ASKS:
        return EITHER if asked.secret else frozenset((FAIL,))
    if module == LISTFILE:
        return _listfile(words, asked, line.get("listed"))
    own = OWN.get(module)
    return ANY if own is None else own(words, asked)


def _unix(words: list[str], asked: PamRequest) -> frozenset[str]:
    if asked.password == EMPTY:
        return frozenset((SUCCESS,)) if "nullok" in words else EITHER if "nullok_secure" in words else frozenset((FAIL,))
    return frozenset((SUCCESS,)) if asked.password == SET and asked.secret else frozenset((FAIL,))


def _rootok(_: list[str], asked: PamRequest) -> frozenset[str]:
    return frozenset((FAIL,))


def _faillock(words: list[str], _: PamRequest) -> frozenset[str]:
    return frozenset((IGNORE,)) if "authfail" in words else HARMLESS


def _wheel(words: list[str], asked: PamRequest) -> frozenset[str]:
    """Return what pam_wheel(8) answers, whose group is that of root where there is none of that name."""
    if "root_only" in words and asked.target_uid != 0:
        return frozenset((IGNORE,)) if asked.target_uid is not None else ANY
    groups = [word.removeprefix("group=") for word in words if word.startswith("group=")]
    member, deny, trust = asked.belongs(groups[-1:] or [WHEEL], False), "deny" in words, "trust" in words
    inside = FAIL if deny else SUCCESS if trust else IGNORE
    outside = FAIL if not deny else SUCCESS if trust else IGNORE
    return frozenset((inside, outside)) if member is None else frozenset((inside if member else outside,))


def _usertype(words: list[str], asked: PamRequest) -> frozenset[str]:
    uid = asked.target_uid
    system = None if uid is None else True if uid in SYSTEM else False if uid in REGULAR else None
    wanted = "issystem" in words
    return EITHER if system is None else frozenset((SUCCESS if system is wanted else FAIL,))


def _localuser(_: list[str], asked: PamRequest) -> frozenset[str]:
    return EITHER if asked.local is None else frozenset((SUCCESS if asked.local else FAIL,))


def _succeed_if(words: list[str], asked: PamRequest) -> frozenset[str]:
    """Return what pam_succeed_if(8) answers: all of its conditions hold, one does not, or that is not known."""
    own = "use_uid" not in words
    left = [word for word in words if word not in QUIET]
    held = [_holds(left[at : at + 3], asked, own) for at in range(0, len(left), 3)]
    if False in held:
        return frozenset((FAIL,))
    return frozenset((SUCCESS,)) if held and None not in held else EITHER


def _listfile(words: list[str], asked: PamRequest, listed: Any) -> frozenset[str]:
    """Return what pam_listfile(8) answers: whether the list has the item, a name of the caller or target, or a group of the target's."""
    told = dict(word.partition("=")[::2] for word in words)
    item, sense = told.get("item"), told.get("sense")
    error = frozenset((SUCCESS if told.get("onerr") == "succeed" else FAIL,))
    if not isinstance(listed, Mapping) or not {*told} <= LISTED or told.get("onerr") not in (None, "fail", "succeed"):
        return ANY
    if item not in ITEMS or sense not in ("allow", "deny") or listed["file"] == "absent":
        return error
    if listed["file"] == "refused":
        return frozenset((FAIL,))
    if item in ("user", "ruser"):
        name = asked.target if item == "user" else asked.caller
        has = None if name is None else name in listed["names"]
    else:
        has = asked.belongs(listed["names"], True) if item == "group" else None
    return ANY if item not in ("user", "ruser", "group") else EITHER if has is None else frozenset((SUCCESS if has is (sense == "allow") else FAIL,))


def _holds(words: list[str], asked: PamRequest, of_target: bool) -> bool | None:
    if len(words) < 3:
        return None
    field, how, value = words
    name, uid = (asked.target, asked.target_uid) if of_target else (asked.caller, asked.caller_uid)
    if field == "user" and how in ("ingroup", "notingroup"):
        member = asked.belongs(value.split(":"), of_target)
        return None if member is None else member is (how == "ingroup")
    known = name if field == "user" else str(uid) if field == "uid" and uid is not None else None
    if known is None:
        return None
    if how in ("=", "!="):
        return (known == value) is (how == "=")
    if how in ("in", "notin"):
        return (known in value.split(":")) is (how == "in")
    compare = NUMBERS.get(how)
    return compare(int(known), int(value)) if compare and known.isdigit() and value.isdigit() else None


WHEEL: Final = "wheel"
ITEMS: Final = frozenset(("user", "ruser", "group", "shell", "tty", "rhost"))
LISTED: Final = frozenset(("item", "sense", "file", "onerr", "apply", "quiet"))
"""The arguments that pam_listfile knows; with any other it returns an error."""
NUMBERS: Final[Mapping[str, Callable[[int, int], bool]]] = {
    **{"eq": int.__eq__, "ne": int.__ne__, "lt": int.__lt__, "le": int.__le__, "gt": int.__gt__, "ge": int.__ge__},
    **{"<": int.__lt__, "<=": int.__le__, ">": int.__gt__, ">=": int.__ge__},
}
OWN: Final[Mapping[str, Callable[[list[str], PamRequest], frozenset[str]]]] = {
    f"pam_{name}.so": own
    for name, own in {
        **{"unix": _unix, "unix2": _unix, "rootok": _rootok, "faillock": _faillock, "wheel": _wheel},
        **{"usertype": _usertype, "localuser": _localuser, "succeed_if": _succeed_if},
    }.items()
}
