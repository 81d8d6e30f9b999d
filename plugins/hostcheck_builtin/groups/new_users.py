"""Which groups every new user is given, by the settings of the programs that make users: adduser.conf(5) and useradd(8).

adduser puts new users into USERS_GROUP whether or not they get a group of their own as well, and takes any value but 0 and nothing for a yes, ``no``
among them (shown on adduser 3.152); useradd takes GROUP only where login.defs gives users no group of their own.
"""

import re
from typing import Final

from hostcheck.api import Hole, Host, Json, attempt, map_known, pattern
from hostcheck_builtin.system.presence import absent_as

ADDUSER: Final = "/etc/adduser.conf"
USERADD: Final = "/etc/default/useradd"
SETTING: Final = pattern(r"[ \t\r\n\f\v]*([_a-zA-Z0-9]+)[ \t\r\f\v]*=[ \t\r\f\v]*([-a-zA-Z0-9_/.^$\[\]*?+|@\\\":)(~, \t\r\f\v]*)", re.ASCII)
"""As read_config() of AdduserCommon.pm knows a line: a value ends before the first character that none may have."""
LINE: Final = 1023
"""Bytes that useradd reads at once (get_defaults())."""


def new_users(host: Host) -> Json:
    """State for each of the files that is there which groups it gives every new user, and which only who asks for them."""
    found: dict[str, Json] = {}
    adduser = absent_as(None, attempt, host.read_text, ADDUSER)
    if adduser is not None:
        found[ADDUSER] = map_known(adduser, _adduser)
    useradd = absent_as(None, attempt, host.read_text, USERADD)
    if isinstance(useradd, Hole):
        found[USERADD] = useradd
    elif useradd is not None:
        found[USERADD] = attempt(_useradd, host, useradd)
    return found


def _adduser(text: str) -> Json:
    stated = dict.fromkeys(("users_group", "users_gid", "extra_groups", "add_extra_groups"), "")
    for line in text.split("\n"):
        match = None if line.startswith("#") else SETTING.match(line)
        if match is not None and (name := match[1].lower()) in stated:
            stated[name] = match[2][1:-1] if len(match[2]) > 1 and match[2][0] == match[2][-1] == '"' else match[2]
    usual = [group for name in ("users_group", "users_gid") for group in stated[name].split()] or ["users"]
    extra = stated["extra_groups"].split()
    adds = stated["add_extra_groups"] not in ("", "0")
    return {"groups": [*usual, *(extra if adds else [])], "on_request": [] if adds else extra}


def _useradd(host: Host, text: str) -> Json:
    stated = {"GROUP": "", "GROUPS": ""}
    for line in text.split("\n"):
        name, equals, value = line[:LINE].partition("=")
        if equals and name in stated:
            stated[name] = value
    primary = [stated["GROUP"]] if stated["GROUP"] else []
    own = not primary or _own_groups(host.read_text("/etc/login.defs", missing=""))
    groups = [name for name in stated["GROUPS"].split(",") if name]
    return {"groups": [*([] if own else primary), *groups], "on_request": primary if own else []}


def _own_groups(text: str) -> bool:
    """Say whether login.defs gives each new user a group of the same name; where it does not say so, it does not (getdef_bool())."""
    value = ""
    for line in text.split("\n"):
        name, _, rest = line.strip(" \t").replace("\t", " ").partition(" ")
        if name == "USERGROUPS_ENAB" and rest:
            value = rest.lstrip(' "').partition('"')[0].strip(" ")
    return value.lower() == "yes"
