"""What a command of a rule gives: by its program, by how its path is written, and by which arguments the rule allows.

A command is limited where its program is not known to start a shell or to write any file; what such a program itself does is not looked at. One that is
known to is limited only where its arguments are known to be harmless, or where what it does with them stands in a file, which counts by who can change it.
"""

from typing import Final, NamedTuple

from hostcheck_builtin.leads import place_entries as places
from hostcheck_builtin.leads.program_entries import LeadProgram
from hostcheck_builtin.privileged_programs import command_patterns
from hostcheck_builtin.privileged_programs import command_words as arguments
from hostcheck_builtin.privileged_programs.command_table import COMMANDS, ENGINE, LIMITED, READ, SHELL, WRITE, of_program
from hostcheck_builtin.system.program_names import PATH

ANY: Final = "any-command"
RANKS: Final = (ANY, SHELL, ENGINE, WRITE, "environment", READ, LIMITED)
"""From the most to the least."""
STOCK: Final = tuple(
    f"{folder}/{name}"
    for folders, names in ((("/bin", "/usr/bin"), "sh bash cp dd mv chmod su env find awk sed tar tee passwd"), (("/sbin", "/usr/sbin"), "chroot"))
    for folder in folders
    for name in names.split()
)
"""Programs that are on every host, each of which makes whoever runs it as root with any arguments root."""


WHOLE: Final = ("/root/", "/usr/")
"""What is edited there is root's own, whatever it is."""


def edits_roots(files: str) -> bool:
    """Say whether root acts on what is in one of these files, which stand with spaces between them, or in a directory that ends with a slash."""
    return any(file.startswith(WHOLE) or places.is_known(file) or (file.endswith("/") and places.holds_one(file)) for file in files.split())


class Effect(NamedTuple):
    """What a command of a rule gives, through which engine, in words, and whether that is certain.

    `unknown` says of what is limited why it is not known what it does, "" where it is known to be harmless.
    """

    gives: str
    engine: str
    how: str
    certain: bool
    unknown: str = ""


def of_command(name: str, path: str, args: str, does: str = "") -> Effect:
    """Return what a command gives: by its name, the kind of its path, the kind of its arguments, and what it does with these where that is stated."""
    if path == "plain":
        return _of_args(name, of_program(name), args, does)
    if path in ("wildcard", "regex"):
        return _pattern(name, path, args)
    if path == "word":
        return _sudoedit(name, args) if name.startswith("sudoedit") else Effect(LIMITED, "", "lists what others may run", True)
    folder = name.rstrip("/") or "/"
    if folder in PATH:
        return Effect(ANY, "", f"every program in {folder} is allowed, and a shell is one of them", True)
    return Effect(LIMITED, "", f"every program in {folder} is allowed", False, "directory")


def of_call(program: str, does: str) -> Effect | None:
    """Return what a program gives that is called so, None for one of which nothing is known."""
    found = of_program(program)
    return found and _of_args(program, found, "given", does)


def of_script(name: str, program: str, does: str) -> Effect | None:
    """Return what a script gives by one of its commands."""
    effect = of_call(program, does)
    how = f"{name.rpartition('/')[2]} is a script, in which what its caller says counts: "
    return effect and effect._replace(how=f"{how}{effect.how.replace('the rule', 'the script')}")


def _of_args(name: str, found: LeadProgram | None, args: str, does: str) -> Effect:
    called = name.rpartition("/")[2]
    if found is None:
        return Effect(LIMITED, "", f"{called} is not known to start a shell or to write any file", True, "program")
    effect = Effect(found.gives, found.engine, f"{called} {found.how}", found.gives != READ and not found.likely)
    if args == "any" or found.gives == LIMITED:
        return effect
    if does:
        told = _of_does(called, effect, does)
        return told if effect.certain or told.gives == LIMITED else told._replace(certain=False)
    if args == "none":
        return effect if found.bare else Effect(LIMITED, "", f"{called} may be run only without arguments", True)
    if args == "given":
        return effect if found.fixed else _of_does(called, effect, arguments.UNKNOWN.kind)
    return effect._replace(how=f"{effect.how}, if the pattern for its arguments allows that", certain=found.fixed)


def _of_does(called: str, effect: Effect, does: str) -> Effect:
    """Return what a known program gives by what it does with the arguments that a rule allows."""
    given = f"with the arguments in the rule {called}"
    engine = effect.gives == ENGINE
    told = {
        arguments.FREE: effect._replace(how=f"{effect.how}, and the rule's pattern lets its user add any arguments"),
        arguments.PROMPT: Effect(ENGINE if engine else SHELL, effect.engine, f"{given} gives a shell, or runs what its user says", True),
        arguments.ROOTS: Effect(WRITE, "", f"{given} changes a file that root acts on, or an account", True),
        arguments.HOST: effect._replace(how=f"{given} starts a container that has the files or the rights of the host"),
        arguments.HERE: Effect(ENGINE if engine else SHELL, effect.engine, f"{given} takes a file from the directory in which its user runs it", True),
        arguments.INSIDE: effect._replace(how=f"{given} lets its user run programs inside a container, from which root's rights may be reached", certain=False),
        arguments.AS_USER: Effect(LIMITED, "", f"{given} runs programs inside a container, as a user who is not root there", True, "container"),
        arguments.PAGER: Effect(SHELL, "", f"{called} shows its output in a pager, which may start a shell with !", False),
        arguments.SYSTEMD_PAGER: Effect(SHELL, "", f"{called} shows its output in a pager, which may start a shell with !", False),
        arguments.PROGRAM: Effect(LIMITED, "", f"{given} does only what a certain file says, which counts by who can change it", True, "by-file"),
        arguments.HARMLESS: Effect(LIMITED, "", f"{called} may be run only with arguments that are known to be harmless", True),
    }
    unknown = effect._replace(how=f"{effect.how}; whether it does so with the arguments in the rule is not known", certain=False)
    return told.get(arguments.Does(does), unknown)


def _pattern(name: str, path: str, args: str) -> Effect:
    """Return the worst of what a pattern for a path matches, as far as programs are known; a star matches no slash (sudoers(5))."""
    what = "wildcard" if path == "wildcard" else "regular expression"
    found = command_patterns.compiled(name, path)
    stock = next((one for one in STOCK if found and found.search(one)), "") if args == "any" else ""
    if stock:
        return Effect(ANY, "", f"the {what} for its path matches {stock} too, with any arguments", True)
    if path == "regex":
        return Effect(SHELL, "", "the rule names programs by a regular expression, and it is not known which these are", False)
    dangerous = [known for known, one in COMMANDS.items() if one.gives != LIMITED]
    met = {COMMANDS[known].gives: known for known in dangerous if found and any(found.match(f"{folder}/{known}") for folder in PATH)}
    if not met:
        return Effect(LIMITED, "", "the wildcard in its path matches no program that is known to start a shell or to write any file", False, "pattern")
    called = met[min(met, key=RANKS.index)]
    effect = _of_args(called, COMMANDS[called], args, "")
    return effect._replace(how=f"its path has a wildcard, which matches {called}: {effect.how}", certain=False)


def _sudoedit(name: str, args: str) -> Effect:
    if args == "any":
        return Effect(WRITE, "", "sudoedit writes any file", True)
    files = name.removeprefix("sudoedit").strip()
    if args == "given":
        if edits_roots(files):
            return Effect(WRITE, "", f"sudoedit writes {files}, and root acts on what is in there", True)
        return Effect(LIMITED, "", f"sudoedit writes {files}", True, "edited-file")
    return Effect(LIMITED if args == "none" else WRITE, "", "sudoedit writes the files that its pattern matches", args == "none")
