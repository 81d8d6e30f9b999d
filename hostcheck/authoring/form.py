"""Which keys stand in the files of a benchmark that is written in YAML, and of which kind each is.

The published schema knows only what is compiled, where a rule has no file any more; so most mistakes of an author are named here, before.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from hostcheck.documents import DocumentError
from hostcheck.model import Json, Result
from hostcheck.spelling import near

Written = dict[str, Any]
Form = Mapping[str, tuple[str, ...]]
"""The kinds that each key may be of; none: any."""
KINDS: Final[Mapping[str, type]] = {"text": str, "a mapping": dict, "true or false": bool, "a list": list, "a list of texts": list, "a list of mappings": list}
ITEMS: Final[Mapping[str, type]] = {"a list of texts": str, "a list of mappings": dict}
QUOTES: Final = '; put it in quotes, "..."'
SCHEMA: Final = ("a mapping", "true or false")
HEAD: Final[Form] = {
    **dict.fromkeys(("id", "title", "version"), ("text",)),
    **dict.fromkeys(("sections", "profiles", "values", "about_values", "roles", "fixes"), ("a mapping",)),
    **dict.fromkeys(("rules", "not_examined"), ("a list of texts",)),
    "notchecked": ("a list of mappings",),
}
PROFILE: Final[Form] = {"title": ("text",), "extends": ("text",), "rules": ("a list of texts",), "values": ("a mapping",)}
ROLE: Final[Form] = {"when": SCHEMA, "is": ("text", "a list")}
CASE: Final[Form] = {"when": SCHEMA, "is": ("text",)}
RULE: Final[Form] = {
    **dict.fromkeys(("id", "title", "roles", "verify", "rationale", "each", "owner"), ("text",)),
    **dict.fromkeys(("because", "seen"), ("text", "a list")),
    **dict.fromkeys(("fix", "references", "notapplicable"), ("a list of mappings",)),
    **dict.fromkeys(("where", "expect", "unscored"), SCHEMA),
    **dict.fromkeys(("values", "examples", "lists"), ("a mapping",)),
    "severity": ("text", "a list"),
    **dict.fromkeys(("profiles", "closes"), ("a list of texts",)),
    "manual": ("true or false",),
}
LIST: Final[Form] = {"each": ("text",), "where": SCHEMA, "show": ("text",)}
STEP: Final[Form] = {
    **dict.fromkeys(("run", "note", "each", "as", "root_only", "use"), ("text",)),
    "when": SCHEMA,
    **dict.fromkeys(("set", "with"), ("a mapping",)),
}
SET: Final[Form] = dict.fromkeys(("file", "key", "value", "check", "effect"), ("text",))
EXAMPLES: Final[Form] = {"at": ("text",), "on": ("text",), "values": ("a mapping",), **{str(result): () for result in Result if result != Result.NOTSELECTED}}


def require_form(found: Json, what: str, form: Form) -> Written:
    """Return the mapping `found`; raises DocumentError, which begins with `what`, where it is none, or where a key is not in `form` or of another kind."""
    if not isinstance(found, dict):
        raise DocumentError(f"{what}: is {shown(found)}, but must be a mapping: lines such as `{next(iter(form))}: ...`")
    for key, value in found.items():
        if key not in form:
            raise DocumentError(f"{what}: unknown key {key!r}{near(key, form) or ';'} the keys are {', '.join(sorted(form))}")
        if form[key] and not any(_is_of(value, kind) for kind in form[key]):
            hint = QUOTES if form[key] == ("text",) and isinstance(value, int | float | dict) else ""
            raise DocumentError(f"{what}: `{key}` is {shown(value)}, but must be {' or '.join(form[key])}{hint}")
    return found


def _is_of(value: Json, kind: str) -> bool:
    items = value if kind in ITEMS and isinstance(value, list) else ()
    return isinstance(value, KINDS[kind]) and all(isinstance(item, ITEMS[kind]) for item in items)


def shown(value: Json) -> str:
    """Return a value as a message has it."""
    return "empty" if value is None else f"{value!r:.60}"


def require_head(head: Json, path: str) -> Written:
    """Return the content of a benchmark.yaml; raises DocumentError naming the key."""
    found = require_form(head, path, HEAD)
    for name, profile in found.get("profiles", {}).items():
        require_form(profile, f"{path}: profile {name!r}", PROFILE)
    for name, role in found.get("roles", {}).items():
        if missing := ROLE.keys() - require_form(role, f"{path}: role {name!r}", ROLE).keys():
            raise DocumentError(f"{path}: role {name!r}: has no `{min(missing)}`; write {{when: ..., is: ...}}, a condition and its reason")
        _require_last(role["is"], path, f"role {name!r}: `is`")
    for case in found.get("notchecked", ()):
        if missing := CASE.keys() - require_form(case, f"{path}: `notchecked`", CASE).keys():
            raise DocumentError(f"{path}: `notchecked`: an entry has no `{min(missing)}`; write {{when: ..., is: ...}}, a condition and its reason")
    for name, steps in found.get("fixes", {}).items():
        if not isinstance(steps, list):
            raise DocumentError(f"{path}: `fixes`: {name!r} is {shown(steps)}, but must be a list of steps")
        _require_steps(steps, f"{path}: `fixes`: {name!r}")
    return found


def _require_steps(steps: Iterable[Json], what: str) -> None:
    for step in steps:
        require_form(step, f"{what}: a step", STEP)
        if len(step.keys() & {"run", "note", "set", "use"}) != 1:
            raise DocumentError(
                f"{what}: each step must have `run`, a command, or `note`, a sentence, or `set`, a key of a JSON file, or `use`, the name of shared steps"
            )
        if "set" in step and (missing := SET.keys() - require_form(step["set"], f"{what}: `set`", SET).keys()):
            raise DocumentError(f"{what}: `set` has no `{min(missing)}`; write {{file: ..., key: ..., value: ..., check: ..., effect: ...}}")
        if "use" in step and step.keys() - {"use", "with"} or "with" in step and "use" not in step:
            raise DocumentError(f"{what}: `use` stands alone, or with `with`, the words for the shared steps")


def require_rule(rule: Json, path: str) -> Written:
    """Return the content of the file of a rule; raises DocumentError naming the key."""
    found = require_form(rule, path, RULE)
    for key, what in (("where", "chooses among"), ("owner", "is a fact of"), ("closes", "is about")):
        if key in found and "each" not in found:
            raise DocumentError(f"{path}: `{key}` {what} the subjects of `each`, but there is no `each`")
    if found.get("manual") and (judged := [key for key in ("each", "owner", "closes", "where", "expect", "unscored", "examples") if key in found]):
        raise DocumentError(f"{path}: `{judged[0]}` is never used where a person judges (`manual: true`); remove one of the two")
    for name, one in found.get("lists", {}).items():
        if "each" not in require_form(one, f"{path}: `lists`: {name!r}", LIST):
            raise DocumentError(f"{path}: `lists`: {name!r} has no `each`, the pointer to the collection that it lists")
    _require_steps(found.get("fix", ()), f"{path}: `fix`")
    for key in ("severity", "because", "seen"):
        _require_last(found.get(key, ""), path, f"`{key}`")
    return found


def _require_last(cases: Json, path: str, what: str) -> None:
    if isinstance(cases, list) and not (cases and isinstance(cases[-1], str)):
        raise DocumentError(f"{path}: a list for {what} must end with an entry without `when`, such as [{{when: ..., is: high}}, low]")
