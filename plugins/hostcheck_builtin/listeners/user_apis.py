"""What users' engines listen on, and what their own dockerd says of it: nobody connects to what a user holds."""

from collections.abc import Mapping
from typing import Any

from hostcheck.api import Hole, Json, View, Why, attempt, incomplete, known, opening, worst_hole
from hostcheck_builtin.accounts import gather
from hostcheck_builtin.listeners import warnings_of
from hostcheck_builtin.listeners.reach import reach
from hostcheck_builtin.system.account_files import keep


def user_apis(facts: Mapping[str, Any]) -> Json:
    """State each listener of a user's engine, by its name and whose it is; of a user of whom there may be more, one that is not known stands for them."""
    users: View = facts["listeners"]["users"]
    people = gather.users(facts)
    found: dict[str, Json] = {}
    for key in known(users):
        who = people.owner(int(key))
        theirs: View | Hole = attempt(users.__getitem__, key)
        if not isinstance(theirs, Hole):
            warned = attempt(warnings_of.warned, facts, int(key))
            for name in known(theirs):
                one: View | Hole = attempt(theirs.__getitem__, name)
                keep(found, f"{name} of {who}", one if isinstance(one, Hole) else _stated(one, int(key), who, warned))
        more = theirs if isinstance(theirs, Hole) else opening(theirs)
        if more is not None:
            keep(found, f"others of {who}", {"uid": int(key), "who": who, **dict.fromkeys(("engine", "port", "exe", "reach", "tls"), more)})
    return incomplete(found, worst_hole(opening(users), people.unknown.users))


def _stated(one: View, uid: int, who: str, warned: list[warnings_of.Warned] | Hole) -> dict[str, Json]:
    port = int(one["port"])
    says = [] if isinstance(warned, Hole) else [told.tls for told in warned if told.port == port]
    unproved = Hole(why=Why.LIMIT, message=f"port {port}: held by uid {uid}, and a scan connects to nothing that a user holds")
    stated = {"uid": uid, "who": who, "engine": one["engine"], "port": port, "exe": one["process"]["exe"]}
    return {**stated, "reach": reach(str(one["address"])), "tls": min(says) if says else unproved}
