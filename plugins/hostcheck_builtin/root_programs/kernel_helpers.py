"""Programs that the kernel, udev, modprobe and the dynamic linker run or load as root: core(5), proc_sys_kernel(5), udev(7), modprobe.d(5), ld.so(8).

A helper of the kernel is root's in the first namespaces, whoever made the kernel call it.
"""

from fnmatch import fnmatchcase
from typing import Final

from hostcheck.api import Hole
from hostcheck_builtin.kernel import core_pattern
from hostcheck_builtin.kernel.core_pattern import CoreHandler
from hostcheck_builtin.root_programs import helper_lines
from hostcheck_builtin.root_programs.root_files import KERNELS, RootFiles
from hostcheck_builtin.root_programs.uses import RootUse
from hostcheck_builtin.system.bounds import KERNEL_INCLUDES as INCLUDES
from hostcheck_builtin.system.bounds import KERNEL_SETTING_BYTES as SMALL

CORE: Final = "/proc/sys/kernel/core_pattern"
HELPERS: Final = {
    "/proc/sys/kernel/modprobe": "module",
    "/proc/sys/kernel/hotplug": "device",
    "/sys/kernel/uevent_helper": "device",
    "/proc/sys/kernel/poweroff_cmd": "shutdown",
}
BINFMT: Final = "/proc/sys/fs/binfmt_misc"
RULES: Final = tuple(f"{place}/udev/rules.d" for place in ("/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"))
UDEV: Final = ("/usr/lib/udev", "/lib/udev")
MODPROBE: Final = tuple(f"{place}/modprobe.d" for place in ("/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"))
PRELOAD: Final = "/etc/ld.so.preload"
LINKER: Final = "/etc/ld.so.conf"


def take(files: RootFiles) -> None:
    """Take the programs that the kernel is told to run."""
    _core_handler(files, core_pattern.handler(files.text(CORE, limit=SMALL).removesuffix("\n")))
    for path, when in HELPERS.items():
        words = files.text(path, limit=SMALL).split()
        files.take(words[0] if words else "", RootUse("kernel-helper", "the kernel", "runs", path, when), reads=True)
    slow = files.search.slow  # to look into an automount that waits would mount it; nothing is registered then
    files.group.lack(slow)
    names = [] if isinstance(slow, Hole) or BINFMT in slow else files.names(BINFMT)
    for name in [name for name in names if name not in ("register", "status")]:
        for line in files.text(f"{BINFMT}/{name}", limit=SMALL).split("\n"):
            if line.startswith("interpreter "):
                use = RootUse("kernel-helper", "the kernel", "runs", f"{BINFMT}/{name}", "format", certain=False)
                files.take(line.partition(" ")[2], use, reads=True)


def _core_handler(files: RootFiles, handler: CoreHandler | None) -> None:
    """Take the program that gets dumps; or the directory in which a process that dies chooses one, and what it can choose there."""
    use = RootUse("kernel-helper", "the kernel", "runs", CORE, "crash")
    if handler is None or handler.kind != "pipe" or handler.path == "/":
        return
    if not handler.chosen:
        files.take(handler.path, use, reads=True)
        return
    folder, names, more = handler.chosen_in
    if f"{folder}/".startswith(KERNELS):  # what is there are processes, each of which decides by itself
        return
    member = use._replace(how="searches" if more else "runs")
    files.folder(folder, use._replace(how="searches"), member, lambda name: fnmatchcase(name, names), reads=not more)


def udev(files: RootFiles) -> None:
    """Take the rules of udev, and what they run."""
    for folder in files.distinct(RULES):
        use = RootUse("udev", "udev", "all", folder, "device")
        for name in files.folder(folder, use, use._replace(how="reads"), lambda name: name.endswith(".rules")):
            for line, command in helper_lines.udev(files.text(f"{folder}/{name}")):
                _rule(files, command, use._replace(how="runs", place=f"{folder}/{name}:{line}"))


def _rule(files: RootFiles, command: str, use: RootUse) -> None:
    """Take the program of a rule; one without a slash is looked for in udev's directory."""
    word = command.strip().partition(" ")[0].strip("'\"")
    if word.startswith("/"):
        files.shell(command.replace("$", "\\$"), use)
    elif word and "/" not in word and not any(sign in word for sign in "%$"):
        files.take_first((f"{folder}/{word}" for folder in UDEV), use)


def modules(files: RootFiles) -> None:
    """Take the settings of modprobe, and the commands that it runs in place of loading a module."""
    for folder in files.distinct(MODPROBE):
        use = RootUse("module-install", "modprobe", "all", folder, "module")
        for name in files.folder(folder, use, use._replace(how="reads"), lambda name: name.endswith(".conf")):
            for line, command in helper_lines.modprobe(files.text(f"{folder}/{name}")):
                files.shell(command, use._replace(how="runs", place=f"{folder}/{name}:{line}"))


def linker(files: RootFiles) -> None:
    """Take what the dynamic linker loads into each program, and the directories that it takes libraries from."""
    use = RootUse("library-path", "every program of root's", "reads", PRELOAD, "program")
    files.take(PRELOAD, use)
    for word in files.text(PRELOAD).replace(":", " ").split():
        files.take(word, use._replace(how="loads"))
    waiting, seen = [LINKER], set[str]()
    while waiting and len(seen) < INCLUDES:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        table = RootUse("library-path", "ldconfig", "reads", path, "library")
        files.take(path, table)
        folders, includes = helper_lines.linker(files.text(path))
        for folder in folders:
            files.take(folder, table._replace(by="every program of root's", how="searches"))
        for include in includes:
            waiting += _included(files, include, table)


def _included(files: RootFiles, include: str, use: RootUse) -> list[str]:
    folder, _, last = include.rpartition("/")
    folder = folder if folder.startswith("/") else f"/etc/{folder}".rstrip("/")
    files.take(folder, use._replace(how="all"))
    return [f"{folder}/{name}" for name in files.names(folder) if fnmatchcase(name, last)]
