"""Who can become root, as the sections `reach`, `paths` and `cut` of a report say, for the formats that show it: a sentence, people with their ways, the cut.

People who are alike in all their ways, but for their names, are told together.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from hostcheck_builtin.formats.cut_commands import commands

Document = dict[str, Any]
MOST: Final = 10
"""How many people, names in a row and changes a summary shows."""
FEW: Final = 3
"""How many ways of each, and commands of a change."""
LONG: Final = 160
"""How many characters a command in a summary has at most."""
DEGREES: Final = ("certain", "likely", "potential")
NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
LIKELY: Final = " (likely)"
"""What stands after a step that takes something which is not known to be given."""
OTHERS: Final = "others who could not be listed"
CONTAINERS: Final = ("container:", "containers that could not be listed")
"""How principals begin that are no people."""
WORDS: Final = {"potential": "not known"}
"""What a degree is called where it is told."""
UNKNOWN: Final = "not known: "
"""How the reason of a step begins of which it is not known whether it is there; it is not said twice."""
WAITS: Final = {
    "wait": "when it is used next",
    "restart": "after the next restart of the service",
    "reboot": "after the next reboot",
    "login": "at the next login",
}
NO_PATH: Final = ("/without_path", "/containers_without_path", "/unused", "/steps")
"""What the numbers also tell, of those who have no path; what is not known there makes nobody one who may have one."""
PUSHES: Final = "whoever may push a job to "
NEEDS: Final = {"own-password": "with their own password", "other-secret": "with a password that is not theirs"}


def sentence(report: Document) -> str:
    """Return the answer as a sentence, "" where the report has none."""
    reach = report.get("reach")
    if not reach:
        return ""
    told = [_certain(reach) + _likely(reach)]
    told += [f"{who} can become root" for who in _no_accounts(report)]
    if reach.get("ids"):
        told.append("whoever is given an id that only ACL entries have can")
    if reach.get("changes") or reach.get("open"):
        told.append(_stops(reach))
    if reach.get("with_password"):
        told.append(f"{_accounts(reach['with_password'])} can with a password of their own")
    if reach.get("unsure") or any(not hole["pointer"].startswith(NO_PATH) for hole in reach.get("holes", ())):
        told.append("it is not known whether other accounts can")
    elif reach.get("unknown"):
        told.append(f"it is not known whether {_accounts(reach['unknown'])} can")
    return "; ".join(told)


def _certain(reach: Document) -> str:
    """Say who has a certain path without a password, the widest first."""
    if reach.get("network") is True:
        return "Whoever reaches this host over the network can become root without a password"
    if reach.get("everyone") is True:
        return "Every local user can become root without a password"
    of, number = f" of {reach['accounts']} accounts" if "accounts" in reach else "", reach.get("users", 0)
    if number:
        return f"{number}{of or (' account' if number == 1 else ' accounts')} can become root without a password"
    return "No account but root has a path to root that is certain and needs no password"


def _no_accounts(report: Document) -> list[str]:
    """Return who has a certain path in containers or by jobs; nobody where an account has one too: then it is that which matters."""
    reach = report["reach"]
    if reach.get("users") or reach.get("everyone") or reach.get("network"):
        return []
    sure = {path["principal"]: None for path in report.get("paths", ()) if path["strength"] == "certain" and path["needs"] == "nothing"}
    inside = [name for name in sure if name.startswith(CONTAINERS[0])]
    pushing = [name for name in sure if name.startswith(PUSHES)]
    told = [f"one of {len(inside)} containers" if len(inside) > FEW else " or ".join(named([name]) for name in inside)] if inside else []
    return [f"whoever is in {one}" for one in told] + ([f"whoever may push a job to one of {len(pushing)} CI runners"] if len(pushing) > 1 else pushing)


def _likely(reach: Document) -> str:
    """Say of how many others a path is likely; nothing where everybody has a certain one."""
    number, certain = reach.get("likely", 0), bool(reach.get("users"))
    if reach.get("network") is True or reach.get("everyone") is True:
        return ""
    if reach.get("everyone_likely") is True:
        return f", {'and' if certain else 'but'} it is likely that every local user can"
    if not number:
        return ""
    if certain:
        return f", and {'one more is' if number == 1 else f'{number} more are'} likely"
    return f", but {_accounts(number)} {'has' if number == 1 else 'have'} one that is likely"


def _stops(reach: Document) -> str:
    number = reach.get("changes", 0)
    count = NUMBERS[number] if number < len(NUMBERS) else str(number)
    changes = f"{count} change{'' if number == 1 else 's'} stop{'s' if number == 1 else ''}"
    whom = "all who are not approved" if not reach.get("open") else f"all but {', '.join(reach['open'])}"
    return f"{changes} {whom}" + ("" if reach.get("smallest", True) else " (not proven to be the smallest set)")


def _accounts(number: int) -> str:
    return "one account" if number == 1 else f"{number} accounts"


def people(report: Document) -> list[Document]:
    """Return whoever has a path, as ``{names, ways}``, a way as ``{strength, needs, steps}``: the surest first, and those who are alike as one.

    Of those who are equally sure, whoever is not one user comes first, such as every local user; then users; then containers, of which there may be many.
    """
    by_name: dict[str, list[Document]] = {}
    for path in report.get("paths", ()):
        by_name.setdefault(path["principal"], []).append(path)
    alike: dict[str, Document] = {}
    for name, paths in by_name.items():
        ways = _ways(paths)
        together = [{**way, "steps": [_of_each(name, step) for step in way["steps"]], "reason": _of_each(name, way["reason"])} for way in ways]
        rank = (*_rank(paths[0]), [name.startswith(f"{kind}:") for kind in ("container", "user")])
        one = alike.setdefault(repr(together), {"names": [], "ways": ways, "together": together, "rank": rank})
        one["names"].append(name.removeprefix("user:"))
    told = sorted(alike.values(), key=lambda one: (one["rank"], one["names"]))
    return [{"names": one["names"], "ways": one["ways" if len(one["names"]) == 1 else "together"]} for one in told]


def _of_each(name: str, text: str) -> str:
    """Return the words about one of several who are alike so that they are true of each."""
    own = name.partition(":")[2] or name
    for start in (f"{own} ", f"root in {own} "):
        if text.startswith(start):
            return start.replace(own, "each") + text.removeprefix(start).replace(f"user:{own})", "user:…)")
    return text


def _rank(path: Document) -> tuple[int, int]:
    return (DEGREES.index(path["strength"]), ("nothing", "own-password", "other-secret").index(path["needs"]))


def _ways(paths: list[Document]) -> list[Document]:
    """Return the ways of one principal; those that several processes have are one."""
    found: dict[str, tuple[Document, list[int]]] = {}
    for path in paths:
        way, pid = _way(path), path["steps"][0].get("pid", 0) if path["steps"] else 0
        key = repr(_by(way, f"process {pid} has", "process")) if pid else repr(way)
        found.setdefault(key, (way, []))[1].extend([pid] if pid else [])
    return [_by(way, f"process {pids[0]} has", f"processes {named([*map(str, pids)])} have") if len(pids) > 1 else way for way, pids in found.values()]


def _by(way: Document, words: str, others: str) -> Document:
    """Return a way whose first step is said to be by others."""
    first, *more = way["steps"]
    return {**way, "steps": [first.replace(words, others, 1), *more]}


def _way(path: Document) -> Document:
    strength = path["strength"]
    steps = [_said(step) for step in path["steps"]]
    if strength == "potential" and steps:
        steps[0] = steps[0].removeprefix(UNKNOWN)
    reason = next((step["because"].removeprefix(UNKNOWN) for step in path["steps"] if step["strength"] == "potential"), "")
    return {"strength": WORDS.get(strength, strength), "needs": NEEDS.get(path["needs"], ""), "steps": steps, "degree": strength, "reason": reason}


def _said(step: Document) -> str:
    said = step["waits"] == "reboot" and "after reboot" in step["because"]  # as in the name of a socket that will be there then
    waits = f", {WAITS[step['waits']]}" if step["waits"] in WAITS and not said else ""
    return f"{step['because']}{waits}{LIKELY if step['strength'] == 'likely' else ''}"


def lines(report: Document, label: Mapping[str, str] = MappingProxyType({})) -> dict[tuple[str, str], tuple[str, list[str]]]:
    """Return the steps of all paths by where they begin and end: the surest degree, and the reasons. `label` gives names another name."""
    drawn: dict[tuple[str, str], tuple[str, list[str]]] = {}
    for path in report.get("paths", ()):
        for step in path["steps"]:
            ends = label.get(step["from"], step["from"]), label.get(step["to"], step["to"])
            strength, words = drawn.get(ends, (step["strength"], []))
            more = [step["because"]] if step["because"] not in words and len(words) < MOST else []
            drawn[ends] = min(strength, step["strength"], key=DEGREES.index), [*words, *more]
    return drawn


def changes(report: Document) -> list[Document]:
    """Return the cut: what to do, by which rules' fixes, with which commands, and whose paths that closes."""
    return [
        {"what": one["change"], "rules": list(one.get("rules", ())), "run": commands(one, report), "closes": list(one.get("closes", ()))}
        for one in report.get("cut", ())
    ]


def summary(report: Document) -> Document:
    """Return what a summary has room for: the answer, whoever can without a password and by which ways, of whom that is not known, and the changes.

    Who can for certain stands apart from whoever likely can. What a container can is told of it elsewhere, but for what is certain.
    """
    found = people(report)
    best = [min((way["degree"] for way in one["ways"] if not way["needs"]), key=DEGREES.index, default="") for one in found]
    sure, likely, unknown = ([one for one, degree in zip(found, best, strict=True) if degree == wanted] for wanted in DEGREES)
    likely, unknown = ([one for one in told if not one["names"][0].startswith(CONTAINERS)] for told in (likely, unknown))
    cut = any(len(_free(one, "certain")) > FEW for one in sure) or len(sure) > MOST
    whats = [_what(one) for one in changes(report)]
    others = [{"who": f"and {len(likely) - MOST} more: hostcheck paths shows all", "ways": []}] if len(likely) > MOST else []
    more = "there are more: hostcheck paths shows all" if cut else ""
    return {
        **{"answer": sentence(report), "people": _shown(sure, "certain"), "likely": [*_shown(likely, "likely"), *others], "unknown": _unknown(report, unknown)},
        **{"more": more, "changes": whats[:MOST] + [{"what": "and more", "run": []}] * (len(whats) > MOST)},
    }


def _what(change: Document) -> Document:
    """Return what a summary says of a change: its commands where all of them have room there, since a part of them does not make it."""
    run = change["run"] if len(change["run"]) <= FEW and all(len(command) <= LONG for command in change["run"]) else []
    number = len(change["run"])
    more = f"; hostcheck paths shows {'the command' if number == 1 else f'all {number} commands'}" if number > len(run) else ""
    return {"what": change["what"] + (f" ({', '.join(change['rules'])})" if change["rules"] else "") + more, "run": run}


def _shown(people: list[Document], degree: str) -> list[Document]:
    """Return who can, each with the shortest ways of one degree that need no password."""
    return [{"who": named(one["names"]), "ways": [" -> ".join(way["steps"]) for way in _free(one, degree)][:FEW]} for one in people[:MOST]]


def _free(one: Document, degree: str) -> list[Document]:
    return [way for way in one["ways"] if way["degree"] == degree and not way["needs"]]


def _unknown(report: Document, people: list[Document]) -> list[str]:
    """Return of whom it is not known, each with a reason; those who could not be listed come last."""
    told = [f"{named(one['names'])}: {_free(one, 'potential')[0]['reason']}" for one in people]
    told += [f"{OTHERS}: {reason}" for reason in unlisted(report)]
    return told[:MOST] + [f"and {len(told) - MOST} more"] * (len(told) > MOST)


def unlisted(report: Document) -> list[str]:
    """Return why there may be others who could not be listed."""
    return [reason.removeprefix(UNKNOWN) for reason in report.get("reach", {}).get("unsure", ())]


def named(names: list[str]) -> str:
    """Return names in a row, at most ten of them."""
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return ", ".join("container " + name.partition(":")[2] if name.startswith("container:") else name for name in names[:MOST]) + more
