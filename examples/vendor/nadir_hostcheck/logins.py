"""Whom sshd may let in: as root, and at all.

Where AllowGroups is set, whoever logs in has one of its groups; otherwise, where AllowUsers is set, whoever logs in is one of its users. A Match may set
another list, never an empty one. What else may stop a login (DenyUsers, DenyGroups, a locked account, PAM) is not looked at.
"""

import fnmatch
from functools import partial

from hostcheck.api import Hole, attempt, incomplete, known, opening

DEFAULT = "prohibit-password"  # of PermitRootLogin, since OpenSSH 7.0
LISTS = {"group": "allow_groups", "user": "allow_users"}


def derive(facts, values):
    """State how root may log in and whom the lists name, each with the accounts of this host that this means."""
    sshd = facts["nadir.sshd"]
    if not sshd["present"]:
        return {"configured": False}
    accounts = attempt(_accounts, facts)
    return {"configured": True, "root_login": attempt(_root_login, sshd, accounts), "doors": attempt(_doors, sshd, accounts)}


def _accounts(facts):
    """Return the uids and the names of the groups of each account; reading raises where there may be more of them."""
    names, gids, accounts = {}, {}, {}
    for probe in ("principals", "nss"):
        for group in facts[probe]["groups"].values():
            names.setdefault(group["gid"], set()).add(group["name"])
            for member in group["members"]:
                gids.setdefault(member, set()).add(group["gid"])
    for membership in facts["nss"]["memberships"].values():
        gids.setdefault(membership["name"], set()).update(membership["gids"])
    for probe in ("principals", "nss"):
        for user in facts[probe]["users"].values():
            account = accounts.setdefault(user["name"], {"uid": set(), "user": {user["name"]}, "group": set()})
            account["uid"].add(user["uid"])
            for gid in {user["gid"]} | gids.get(user["name"], set()):
                account["group"] |= names.get(gid, set())
    return accounts


def _select(accounts, wanted):
    """Return the names of the accounts that are wanted, or why they are not known."""
    return accounts if isinstance(accounts, Hole) else sorted(name for name, account in accounts.items() if wanted(account))


def _root_login(sshd, accounts):
    """Return what PermitRootLogin says, by section, and for whom it says that."""
    sections = sshd["sections"]
    superusers = _select(accounts, lambda account: 0 in account["uid"])
    found, hole = {}, opening(sections)
    for key in known(sections):
        value = attempt(_setting, sections, key)
        if isinstance(value, Hole) and key != "global":  # whether it sets anything is not known either
            hole = hole or value
        elif value is not None:
            found[key] = {"value": value, "connections": attempt(_connections, sections, key), "accounts": superusers}
    return _partly(found, hole)


def _setting(sections, key):
    return sections[key].get("permit_root_login", DEFAULT if key == "global" else None)


def _connections(sections, key):
    return " and ".join(f"Match {criteria}" for criteria in sections[key]["match"]) or "any"


def _doors(sshd, accounts):
    """Return by which groups, or else users, sshd lets in, and which accounts these are."""
    sections = sshd["sections"]
    kind = _kind(sections["global"])
    if kind == "everybody":
        return {kind: {"kind": kind, "pattern": "*", "accounts": _select(accounts, lambda account: True)}}
    found, hole = {}, opening(sections)
    for key in known(sections):
        patterns = attempt(_patterns, sections, key, kind)
        if isinstance(patterns, Hole):
            hole = hole or patterns
            continue
        for pattern in known(patterns):
            matched = pattern.rpartition("@")[0] or pattern if kind == "user" else pattern
            found[f"{kind} {pattern}"] = {"kind": kind, "pattern": pattern, "accounts": _select(accounts, partial(_matches, kind, matched))}
        whole = attempt(list, patterns)
        hole = hole or (whole if isinstance(whole, Hole) else None)
    return _partly(found, hole)


def _kind(section):
    """Return which list decides; len raises where nothing is known to stand in a list that may have something."""
    return next((kind for kind, name in LISTS.items() if known(section[name]) or len(section[name])), "everybody")


def _patterns(sections, key, kind):
    return sections[key][LISTS[kind]]


def _matches(kind, pattern, account):
    """Say whether a pattern of sshd, which knows only * and ?, is one for this account."""
    return any(fnmatch.fnmatchcase(name, pattern.replace("[", "[[]")) for name in account[kind])


def _partly(members, hole):
    return incomplete(members, hole) if hole else members
