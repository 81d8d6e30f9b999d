"""Files of sudo made at random, the same ones for the same number: what administrators write, and what they would not."""

from random import Random

USERS = ("ann", "bob", "cat", "dan", "eve")
GROUPS = ("wheel", "docker", "staff", "ops")
WORDS = ("ann", "bob", "#1000", "%wheel", "%staff", "%#50", "%:ad", "+net", '"dom ann"', '"%dom users"', "cat\\ x", "x\\,y", "eve", "a\\x41b", "ALL", "#-1")
COMMANDS = (
    *("ALL", "/usr/bin/docker", "/usr/bin/docker ps", "/usr/bin/docker run *", "/usr/bin/vi", "/usr/bin/vi /etc/a b", '/bin/ls ""', "/bin/ls -l a\\,b c\\:d"),
    *("/usr/bin/", "/usr/bin/*sh", "/bin/c[ah]t /var/log/*", "^/usr/bin/[a-z]+$", "/usr/bin/git ^log( -[0-9]+)?$", "sudoedit /etc/hosts", "sudoedit", "list"),
    *(
        "sudoedit /etc/a /etc/b\\*",
        "/bin/echo a=b c\\=d",
        "/bin/echo \\# x",
        "/bin/echo a\\\\b",
        "/opt/a\\ b x",
        "/usr/bin/tee",
        "/sbin/x !y",
        "/usr/bin/sudoedit /a",
    ),
    "/bin/tar --x=1 y",
)
DIGEST = "sha224:" + "0" * 55 + "a"
TAGS = ("NOPASSWD:", "PASSWD:", "SETENV:", "NOSETENV:", "NOEXEC:", "EXEC :", "NOLOG_INPUT:", "LOG_OUTPUT:", "NOMAIL:", "FOLLOW:", "NOFOLLOW:", "INTERCEPT:")
OPTIONS = ("CWD=/tmp", "CWD=*", "ROLE=r", "TYPE=t", "TIMEOUT=1h", "NOTBEFORE=20300101000000Z", 'APPARMOR_PROFILE="x y"', "CHROOT=~/x")
DEFAULTS = (
    *(
        "env_reset",
        "!authenticate",
        'secure_path="/usr/bin:/bin"',
        "env_keep += FOO",
        'env_keep+="LD_PRELOAD X"',
        "timestamp_timeout=-1",
        "targetpw",
        "!setenv",
    ),
    *("exempt_group=wheel", "runas_default=bob", "env_keep -= FOO", "setenv, !env_reset", 'passprompt=\\"x'),
)
HOSTS = ("ALL", "ALL", "ALL", "host1", "!host1", "10.0.0.0/8", "fe80::1", "+hosts", "h*", "x.example", "HS")
BROKEN = (
    *(
        "ann",
        "ann ALL",
        "ann ALL=",
        "ann ALL=foo",
        "= ALL",
        "ann ALL=/bin/ls : bob =",
        "ann ALL=ALL : bob = x : ALL=/bin/ls",
        "User_Alias",
        "User_Alias x = ann",
    ),
    *(
        "User_Alias GOOD = ann bob",
        "User_Alias G1 = ann : G2 = : G3 = bob",
        'ann ALL="',
        "Defaults",
        "Defaults foo bar",
        "ann ALL=(bob:) ALL",
        "ann ALL=sha256:12 /x",
    ),
    *(
        "ann ALL=/bin/ls\r",
        "Defaults\tx=",
        "% ALL=ALL",
        "ann ALL=^/bin/ls ALL",
        "@include",
        "ALL ALL=sudoedit x",
        "ann ALL=NOPASSWD:(root) ALL",
        "ALL=ALL",
        "!ann ALL=ALL",
    ),
    *("Cmnd_Alias ALL = /x", "ann ALL=/a\\b", "ann, ALL=ALL", "ann ALL=ALL :", "Runas_Alias DUP = ann\nRunas_Alias DUP = bob", "ann ALL=TIMEOUT=x ALL"),
)


def made(seed: int, *, broken: bool = False) -> str:
    """Return the text of a file, with lines that are wrong where `broken`."""
    random = Random(seed)
    return "".join(_line(random, broken) + "\n" for _ in range(random.randint(1, 12)))


def _line(random: Random, broken: bool) -> str:
    if broken and random.random() < 0.3:
        return random.choice(BROKEN)
    kind = random.choice(("rule", "rule", "rule", "rule", "users", "commands", "runas", "hosts", "defaults", "comment"))
    if kind == "comment":
        return random.choice(("# a comment \\", "", "   ", "#", "\t# x", "#-x"))
    if kind == "defaults":
        bound = random.choice(("", "", f":{_names(random)}", f">{random.choice(USERS)}", "!/usr/bin/docker", "@host1", ": ann", "!CS"))
        return f"Defaults{bound} {random.choice(DEFAULTS)}" + (f", {random.choice(DEFAULTS)}" if random.random() < 0.2 else "")
    if kind != "rule":
        return _aliases(random, kind)
    return _folded(random, f"{_names(random)} {' : '.join(_privilege(random) for _ in range(random.choice((1, 1, 1, 2))))}")


def _folded(random: Random, line: str) -> str:
    return line.replace(", ", random.choice((", ", ",", ", \\\n\t", " , ")))


def _aliases(random: Random, kind: str) -> str:
    """Return a line of aliases; they name each other only to the left, for a cycle is another test."""
    keyword, prefix = {"users": ("User", "US"), "commands": ("Cmnd", "CS"), "runas": ("Runas", "RS"), "hosts": ("Host", "HS")}[kind]
    number = random.randint(0, 10**6)
    members = {"users": _names, "runas": _names, "commands": _commands, "hosts": lambda r: ", ".join(r.choice(HOSTS[:-1]) for _ in range(r.randint(1, 3)))}[
        kind
    ]
    one = f"{prefix}{number} = {members(random)}"
    return f"{keyword}_Alias {one}" + (f" : {prefix} = {members(random)}" if random.random() < 0.3 and number % 7 == 0 else "")


def _names(random: Random) -> str:
    names = random.choices((*USERS, *USERS, *USERS, "%wheel", "%staff", "#1001", *WORDS), k=random.choice((1, 1, 1, 2, 3)))
    return ", ".join(("!" if random.random() < 0.15 else "") + name for name in names)


def _commands(random: Random) -> str:
    return ", ".join(("!" if random.random() < 0.15 else "") + random.choice(COMMANDS) for _ in range(random.choice((1, 1, 2, 3))))


def _privilege(random: Random) -> str:
    hosts = ", ".join(random.choice(HOSTS[:-1]) for _ in range(random.choice((1, 1, 1, 2))))
    return f"{hosts} = {', '.join(_spec(random) for _ in range(random.choice((1, 1, 2, 3))))}"


def _spec(random: Random) -> str:
    runas = random.choice(("", "", "(root)", "(ALL)", "(ALL:ALL)", f"({_names(random)})", "()", "(:docker)", "(bob : staff, !ops)", "(:)"))
    options = "".join(f" {random.choice(OPTIONS)}" for _ in range(random.choice((0, 0, 0, 0, 1, 2))))
    tags = "".join(random.choice(TAGS) + random.choice(("", " ")) for _ in range(random.choice((0, 0, 1, 2))))
    command = random.choice(COMMANDS)
    digest = f"{DIGEST} " if random.random() < 0.1 and command[0] in "/A" and not command.startswith("/usr/bin/sudoedit") else ""
    return f"{runas}{options} {tags}{digest}{'!' if random.random() < 0.15 else ''}{command}"
