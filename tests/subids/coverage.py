"""Facts about owners and their ranges, made by hand, and what subid-coverage derives from them."""

from pathlib import Path
from typing import Any

from hostcheck.facts_schema import load_facts_schema
from hostcheck.model import Hole, HoleError, Why
from hostcheck.parting import part, unite
from hostcheck.schema import compile_schema
from hostcheck.view import View
from hostcheck_builtin.subids import analysis_subid_coverage
from hostcheck_builtin.subids.probe_subids import lines

SCHEMA = load_facts_schema(str(Path(analysis_subid_coverage.__file__).parent / "analysis_subid_coverage.facts.json"))
DENIED = Hole(why=Why.DENIED, message="Permission denied")
LDAP = Hole(why=Why.LIMIT, message="ldap lists nobody")


def user(name: str, uid: int) -> dict[str, Any]:
    return {"name": name, "uid": uid, "gid": uid, "home": f"/home/{name}", "shell": "/bin/sh"}


def group(name: str, gid: int) -> dict[str, Any]:
    return {"name": name, "gid": gid, "members": [], "password": False}


USERS = {one["name"]: one for one in (user("root", 0), user("daemon", 1), user("ann", 1000), user("bob", 1001), user("bobby", 1001))}
GROUPS = {one["name"]: one for one in (group("root", 0), group("docker", 105), group("ann", 1000), group("staff", 50))}


def facts(
    subuid: str | bytes = "",
    subgid: str | bytes = "",
    *,
    users: Any = USERS,
    groups: Any = GROUPS,
    nss: Any = None,
    files: Any = True,
    sockets: Any = None,
    rootless: Any = None,
    user_sockets: Any = None,
    lingering: Any = (),
) -> dict[str, Any]:
    def file(kind: str, content: str) -> dict[str, Any]:
        plain, irregular = lines(content.encode())
        return {"kind": kind, "root_owned": True, "lines": plain, "irregular": irregular}

    return {
        "principals": {"users": users, "groups": groups},
        "nss": {"users": users, "groups": groups} if nss is None else nss,
        "subids": {
            "files": {"/etc/subuid": file("subuid", subuid), "/etc/subgid": file("subgid", subgid)},
            "source": {"configured": "sss", "files": files},
            "login_defs": {"values": {}, "malformed": {}},
        },
        "engines": {"sockets": {} if sockets is None else sockets},
        "engine-scope": {"rootless_users": {} if rootless is None else rootless, "user_sockets": {} if user_sockets is None else user_sockets},
        "user-clients": {"lingering": lingering if isinstance(lingering, Hole) else list(lingering)},
        "host": {"scan": {"init_userns": True}},
    }


def derive(told: dict[str, Any]) -> Any:
    """Derive as `evaluate` does, from facts that went through evidence."""
    view = View({name: value if isinstance(value, Hole) else unite(*part(value), name) for name, value in told.items()})
    try:
        derived = unite(*part(analysis_subid_coverage.derive(view, {})), "subid-coverage")
    except HoleError as error:
        return error.hole
    assert compile_schema(SCHEMA)(derived) is not False, derived
    return derived


def ranges(*args: Any, **more: Any) -> Any:
    return derive(facts(*args, **more))["ranges"]


def one(line: str, **more: Any) -> Any:
    (found,) = ranges(line + "\n", **more).values()
    return found
