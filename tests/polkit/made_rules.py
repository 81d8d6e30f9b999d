"""Files of polkit's rules made at random, the same ones for the same number: what packages and administrators write, and what they would not."""

from random import Random

from polkit.polkit_host import ETC, EXEC, SHARE, UNITS

PLACES = (f"{ETC}/10-a.rules", f"{ETC}/20-b.rules", f"{SHARE}/10-a.rules", f"{SHARE}/30-c.rules", "/run/polkit-1/rules.d/20-b.rules")
PROGRAM = "/usr/bin/docker"
ACTIONS = tuple(
    r"""
action.id == "EXEC"
action.id === "UNITS"
action.id != "UNITS"
["EXEC", "org.example.x"].indexOf(action.id) >= 0
action.id.indexOf("org.freedesktop.") == 0
action.id.indexOf("manage") > 0
action.id.match(/policykit/)
/^org[.]freedesktop[.]sys/.test(action.id)
action.id in {"EXEC": 1}
action.id.substring(0, 3) == "org" && action.id == "EXEC"
action.id.length > 30
action.id.search(/exec$/) != -1
action.id == "org.example.other"
true
false
1
""
null
""".strip()
    .replace("EXEC", EXEC)
    .replace("UNITS", UNITS)
    .splitlines()
)
SUBJECTS = tuple(
    r"""
subject.isInGroup("staff")
subject.isInGroup("libvirt")
subject.isInGroup("nobodys")
!subject.isInGroup("sudo")
subject.isInGroup("dan")
subject.user == "bob"
subject.user != "cat"
["bob", "eve"].indexOf(subject.user) > -1
subject.groups.indexOf("staff") != -1
subject.user === "root"
subject.groups.indexOf("staff") == -1
subject.local
subject.active == true
!subject.active
subject.local === false
subject.user.indexOf("b") == 0
action.lookup("program") == "PROGRAM"
action.lookup("program") != "PROGRAM"
action.lookup("unit") == "a.service"
subject.session
subject.uid == 54002
["staff", "libvirt"].some(function(g) { return subject.isInGroup(g); })
subject.seat
subject["user"] == "dan"
subject.pid > 1
""".strip()
    .replace("PROGRAM", PROGRAM)
    .splitlines()
)
RESULTS = ("YES", "YES", "YES", "NO", "AUTH_ADMIN", "AUTH_ADMIN_KEEP", "AUTH_SELF", "AUTH_SELF_KEEP", "NOT_HANDLED")
VALUES = (
    *(*(f"polkit.Result.{name}" for name in RESULTS), '"yes"', "'no'", '"auth_self"', "null", "undefined", '""', '"maybe"', "polkit.Result.MAYBE"),
    *("polkit.Result['YES']", 'subject.local ? "auth_admin" : "yes"', "subject.active && polkit.Result.YES", "false", "0"),
)
"""Not `true`: polkitd 126 never answers again after a rule that returns something true that is no text."""


def _condition(chance: Random, depth: int = 0) -> str:
    drawn = chance.random()
    if depth > 2 or drawn < 0.4:
        return chance.choice(ACTIONS if chance.random() < 0.45 else SUBJECTS)
    one, other = _condition(chance, depth + 1), _condition(chance, depth + 1)
    if drawn < 0.65:
        return f"{one} && {other}"
    if drawn < 0.8:
        return f"({one} || {other})"
    return f"!({one})" if drawn < 0.9 else f"({one} ? {other} : {_condition(chance, depth + 1)})"


def _statements(chance: Random, depth: int = 0) -> str:
    lines = []
    for _ in range(chance.choice((1, 1, 2))):
        drawn = chance.random()
        if drawn < 0.5 or depth > 1:
            lines.append(f"if ({_condition(chance)}) {{ return {chance.choice(VALUES)}; }}")
        elif drawn < 0.7:
            other = chance.choice(("", f" else {{ {_statements(chance, depth + 1)} }}", f" else if ({_condition(chance)}) return {chance.choice(VALUES)};"))
            lines.append(f"if ({_condition(chance)}) {{\n{_statements(chance, depth + 1)}\n}}{other}")
        elif drawn < 0.8:
            lines.append(f"var granted = {_condition(chance)};\nif (granted) return {chance.choice(VALUES[:11])};")
        elif drawn < 0.9:
            other = f"else granted = {chance.choice(VALUES[:11])};"
            lines.append(f"var granted;\nif ({_condition(chance)}) granted = polkit.Result.YES; {other}\nif (granted) return granted;")
        else:
            lines.append(f"return {chance.choice(VALUES)};")
    return "\n".join(lines)


def made(seed: int) -> dict[str, str]:
    """Return some files by their path."""
    chance = Random(seed)
    files: dict[str, str] = {}
    for path in chance.sample(PLACES, chance.choice((1, 1, 2, 3))):
        rules = [f"polkit.addRule(function(action, subject) {{\n{_statements(chance)}\n}});" for _ in range(chance.choice((1, 1, 2)))]
        files[path] = "\n".join([*(["// of a package"] if chance.random() < 0.3 else []), *rules, ""])
    return files
