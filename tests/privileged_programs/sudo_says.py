"""What the real sudo lists for users by a file of rules, in a mount namespace of its own, and what our facts say that it lists.

sudo prints a rule with its aliases worked out, and a tag where it changes: both are brought to the same form, one command after the other.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from privileged_programs.made_sudoers import made
from privileged_programs.rights import GROUPS, PEOPLE, facts

from hostcheck.model import Hole
from hostcheck.parting import part, unite
from hostcheck.view import View
from hostcheck_builtin.accounts.gather import gather
from hostcheck_builtin.privileged_programs.rules_people import Members, here, meant
from hostcheck_builtin.privileged_programs.rules_policy import policy_of_sudo
from hostcheck_builtin.privileged_programs.sudoers_facts import arguments
from hostcheck_builtin.sudo_doas.sudoers_entries import Member

SCRIPT = r"""
import json, os, subprocess, sys, tempfile
told = json.load(sys.stdin)
with tempfile.TemporaryDirectory() as folder:
    for path, text in told["files"].items():
        own = os.path.join(folder, path.rpartition("/")[2])
        with open(own, "w") as file:
            file.write(text)
        subprocess.run(("mount", "--bind", own, path), check=True)
    rules = os.path.join(folder, "sudoers")
    answers = []
    for text in told["rules"]:
        with open(rules, "wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
        os.chmod(rules, 0o440)
        runs = [subprocess.run(("sudo", "-l", "-U", user), capture_output=True, text=True, timeout=20) for user in told["users"]]
        answers.append({user: [one.returncode, one.stdout, one.stderr] for user, one in zip(told["users"], runs)})
    subprocess.run(("umount", *told["files"]), check=True)
json.dump(answers, sys.stdout)
"""
TAGS = re.compile(r"(NO)?(PASSWD|SETENV|EXEC|MAIL|FOLLOW|LOG_INPUT|LOG_OUTPUT|INTERCEPT): ")
OPTION = re.compile(r"(?:CWD|CHROOT|ROLE|TYPE|TIMEOUT|NOTBEFORE|NOTAFTER|PRIVS|LIMITPRIVS)=(?:\\.|[^ ])* ")
DIGEST = re.compile(r"sha[0-9]+:[0-9a-zA-Z+/=]+,? ")
RUNAS = re.compile(r"\(((?:\\.|[^)])*)\) ")
Listed = list[tuple[str, tuple[tuple[str, bool], ...], bool, str, str]]
KEPT = ("PASSWD", "SETENV", "EXEC")


def says(rules: Sequence[str], users: Sequence[str] = tuple(PEOPLE)) -> list[dict[str, Any]]:
    """Return for each file and user the exit code and what sudo printed, as it was."""
    passwd = "root:x:0:0::/root:/bin/sh\n" + "".join(f"{name}:x:{uid}:{uid}::/home/{name}:/bin/sh\n" for name, uid in PEOPLE.items())
    group = "root:x:0:\n" + "".join(f"{name}:x:{gid}:{','.join(members)}\n" for name, (gid, members) in GROUPS.items())
    files = {
        **{"/etc/sudoers": "", "/etc/passwd": passwd, "/etc/group": group, "/etc/hosts": "127.0.0.1 localhost\n127.0.1.1 host1\n"},
        "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\nnetgroup: files\n",
    }
    command = ("unshare", "-mu", "--propagation", "private", "sh", "-c", 'hostname host1 && exec "$0" -c "$1"', sys.executable, SCRIPT)
    given = json.dumps({"files": files, "rules": list(rules), "users": list(users)})
    ran = subprocess.run(command, input=given, capture_output=True, text=True, timeout=1200, check=True)
    answers: list[dict[str, Any]] = json.loads(ran.stdout)
    return answers


def listed(output: str) -> Listed:
    """Return the commands of what sudo printed."""
    found: Listed = []
    lines = output.partition("may run the following commands on")[2].split("\n")[1:]
    for line in lines:
        if not line.startswith("    ("):
            continue
        runas = RUNAS.match(line, 4)
        assert runas is not None, line
        found += _commands(_plain(runas[1]), line[runas.end() :])
    return found


def _commands(runas: str, text: str) -> Iterator[tuple[str, tuple[tuple[str, bool], ...], bool, str, str]]:
    tags: dict[str, bool] = {}
    for item in re.split(r"(?<!\\), ", text):
        rest, before = item, ""
        while rest != before:
            before = rest
            for one in (OPTION, DIGEST):
                rest = rest[match.end() :] if (match := one.match(rest)) else rest
            if match := TAGS.match(rest):
                tags[match[2]] = not match[1]
                rest = rest[match.end() :]
        negated, rest = rest.startswith("!"), rest.removeprefix("!")
        name, args = _parted(rest)
        member = Member("all" if name == "ALL" else "command", name, negated, args)
        kind = "" if name == "ALL" else arguments(member)
        shown = f"sudoedit {args}" if name == "sudoedit" and kind == "given" else name
        yield runas, _kept(tags, name), negated, shown, kind


def _kept(tags: Mapping[str, bool], name: str) -> tuple[tuple[str, bool], ...]:
    """Return the tags that facts state; that of ALL for the environment is implied, and sudo does not print it."""
    return tuple(sorted((tag, value) for tag, value in tags.items() if tag in KEPT and not (tag == "SETENV" and name == "ALL")))


def _parted(text: str) -> tuple[str, str | None]:
    if text.startswith("^"):
        name, _, args = text.partition("$ ")
        return (text if not args else f"{name}$"), args or None
    match = re.match(r"(?:\\.|[^ ])+", text)
    name = text if match is None else match[0]
    args = text[len(name) + 1 :]
    return _plain(name), (args if args.startswith("^") else re.sub(r"\\([:\\,=#\"])", r"\1", args)) or None


def _plain(text: str) -> str:
    return re.sub(r"\\([:\\,=# \"])", r"\1", text).replace('"', "").replace("%!", "!%")


def facts_list(rules: str, user: str) -> Any:
    """Return what our facts say that sudo lists for a user; a hole where they do not."""
    view = View({name: unite(*part(value), name) for name, value in facts(rules).items()})
    sudo, people = view["sudo"], gather(view, lambda: [])
    policy = policy_of_sudo(sudo)
    members = Members(people)
    found: Listed = []
    stated = sorted(sudo["rules"].values(), key=lambda one: one["order"])
    for rule, one in zip(policy.rules, stated, strict=True):
        on_host, match = here(rule.hosts, sudo["hostname"]), meant(members, rule.users)
        if isinstance(on_host, Hole) or match.of(user).meant is None:
            return match.hole or on_host
        if on_host and match.of(user).meant:
            found += _of_rule(sudo["aliases"], one, user)
    return found


def _of_rule(aliases: View, rule: View, user: str) -> Iterator[tuple[str, tuple[tuple[str, bool], ...], bool, str, str]]:
    for spec in rule["commands"]:
        runas = _runas(aliases, rule["runas"][spec["runas"]], user) if "runas" in spec else "root"
        tags = {tag.upper(): value for tag, value in spec["tags"].items()}
        for one, negated in _worked_out(aliases, spec["command"], "command", negated=False):
            name = "ALL" if one["kind"] == "all" else one["name"]
            yield runas, _kept(tags, "ALL" if spec["command"]["kind"] == "all" else name), negated, name, one["args"] if one["kind"] == "command" else ""


def _worked_out(aliases: View, one: View, of: str, *, negated: bool) -> Iterator[tuple[View, bool]]:
    turned = one["negated"] != negated
    key = f"{of}:{one['name']}"
    if one["kind"] == "alias" and key in aliases:
        for member in aliases[key]["members"]:
            yield from _worked_out(aliases, member, of, negated=turned)
    else:
        yield one, turned


def _runas(aliases: View, lists: View, user: str) -> str:
    parts = []
    for kind in ("users", "groups"):
        if kind in lists:
            members = [pair for one in lists[kind] for pair in _worked_out(aliases, one, "runas", negated=False)]
            parts.append(", ".join(f"{'!' if negated else ''}{_name(one, user)}" for one, negated in members))
    return " : ".join(parts)


def _name(one: View, user: str) -> str:
    return {"all": "ALL", "myself": user}.get(one["kind"], one["name"].replace('"', ""))


LEFT_OUT = ("APPARMOR", "runas_default")
"""What sudo prints in a form of its own: a profile with a blank, and whom it runs a command as where the rule does not say."""


def compared(seeds: Sequence[int], *, broken: bool) -> int:
    """Assert that sudo lists what our facts say, for each user on each made file, and return of how many they say it."""
    texts = [text for seed in seeds if not any(word in (text := made(seed, broken=broken)) for word in LEFT_OUT)]
    count = 0
    for text, answers in zip(texts, says(texts), strict=True):
        for user, (_, output, errors) in answers.items():
            own = facts_list(text, user)
            if not isinstance(own, Hole):
                count += 1
                assert own == listed(output), f"{user}:\n{text}\n{output}\n{errors}"
    return count
