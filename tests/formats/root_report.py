"""Reports that say who can become root, as short as they can be."""

from typing import Any


def step(origin: str, to: str, because: str, **more: Any) -> dict[str, Any]:
    told = {"edge": "connects", "from": origin, "to": to, "because": because, "evidence": ["/x"], "strength": "certain", "needs": "nothing"}
    return {**told, "waits": "nothing", "technique": "T1610", **more}


def path(who: str, *steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"principal": who, "target": "host_root", "strength": "certain", "needs": "nothing", "steps": list(steps), **more}


def member(name: str) -> dict[str, Any]:
    """Return the path of a member of docker."""
    connects = step(name, "socket:/run/docker.sock", f"{name} can connect to /run/docker.sock (group docker)")
    return path(f"user:{name}", connects, step("socket:/run/docker.sock", "root", "docker runs as root"))


def disk(name: str) -> dict[str, Any]:
    """Return the likely path of a member of disk."""
    gives = step("group:disk", "root", "its members read and write the disks", strength="likely")
    return path(f"user:{name}", step(name, "group:disk", f"{name} has group disk"), gives, strength="likely")


def unsure(name: str) -> dict[str, Any]:
    """Return the path of somebody of whom it is not known."""
    return path(f"user:{name}", step(name, "root", "not known: connect to /run/docker.sock (denied: no)", strength="potential"), strength="potential")


def report(*paths: dict[str, Any], cut: tuple[dict[str, Any], ...] = (), **reach: Any) -> dict[str, Any]:
    told = {
        "accounts": 41,
        "users": 0,
        "with_password": 0,
        "likely": 0,
        "everyone_likely": False,
        "unknown": 0,
        "ids": False,
        "everyone": False,
        "network": False,
        "changes": len(cut),
        "smallest": True,
        "open": [],
        "unsure": [],
    }
    return {"paths": list(paths), "cut": list(cut), "reach": {**told, "holes": [], **reach}}


def change(what: str, *closes: str) -> dict[str, Any]:
    return {"change": what, "rules": ["HC-ACC-17"], "closes": list(closes)}
