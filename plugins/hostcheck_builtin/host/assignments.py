"""Two texts of ``NAME=VALUE`` words, read without a shell: os-release(5) and the kernel's command line.

Both are written for a shell-like reader, so that a word may be quoted; nothing in them is ever expanded or run.
"""

from typing import Final

from hostcheck.api import Host
from hostcheck_builtin.system.presence import absent_as

OS_FIELDS: Final = ("BUILD_ID", "ID", "ID_LIKE", "IMAGE_ID", "NAME", "PRETTY_NAME", "VARIANT_ID", "VERSION_CODENAME", "VERSION_ID")
PARAMETERS: Final = frozenset(
    "apparmor audit cgroup_disable cgroup_enable cgroup_no_v1 debugfs enforcing init_on_alloc init_on_free lockdown lsm mitigations module.sig_enforce"
    " namespace.unpriv_enable nokaslr nopti norandmaps nosmap nosmep page_alloc.shuffle pti randomize_kstack_offset security selinux slab_nomerge"
    " systemd.legacy_systemd_cgroup_controller systemd.unified_cgroup_hierarchy user_namespace.enable vsyscall".split()
)
"""What may be told of the command line; anything else may be a password for an installer or a token for a first boot."""
SPECIAL: Final = frozenset(" \t\"'`$;&|<>()\\")
ESCAPED: Final = frozenset('$"`\\')


def os_release(host: Host) -> dict[str, str | list[str]]:
    """Return the fields of os-release(5) by their names in lower case; a line that is no assignment is passed over, of two the later counts."""
    text = absent_as(None, host.read_text, "/etc/os-release")
    text = host.read_text("/usr/lib/os-release", missing="") if text is None else text
    pairs = (line.strip().partition("=") for line in text.split("\n"))
    values = {name.lower(): value for name, equals, raw in pairs if equals and name in OS_FIELDS and (value := unquoted(raw)) is not None}
    return {name: value.split() if name == "id_like" else value for name, value in values.items()}


def unquoted(raw: str) -> str | None:
    """Return the value that a shell would assign for `raw`, None where it would not or would have to expand something."""
    quote = raw[:1]
    if quote not in ("'", '"'):
        return None if SPECIAL & set(raw) else raw
    if len(raw) < 2 or raw[-1] != quote:
        return None
    return _literal(raw[1:-1]) if quote == '"' else (None if quote in raw[1:-1] else raw[1:-1])


def _literal(inner: str) -> str | None:
    plain, rest = [], iter(inner)
    for char in rest:
        if char == "\\":
            escaped = next(rest, "")
            if not escaped:
                return None
            char = escaped if escaped in ESCAPED else char + escaped
        elif char in ESCAPED:
            return None
        plain.append(char)
    return "".join(plain)


def parameters(line: str) -> dict[str, str]:
    """Return the known parameters of a kernel command line, "" for one without a value; of two the later counts, and after ``--`` the rest is for init."""
    found: dict[str, str] = {}
    for word in _words(line):
        if word == "--":
            break
        name, _, value = word.partition("=")
        # The kernel takes - and _ in a name for the same (parameq() in kernel/params.c).
        name = name.replace("-", "_")
        if name in PARAMETERS:
            found[name] = value
    return found


def _words(line: str) -> list[str]:
    """Split at white space outside double quotes, and drop those, as next_arg() of the kernel does."""
    words, quoted = [""], False
    for char in line:
        if char == '"':
            quoted = not quoted
        elif char.isspace() and not quoted:
            words.append("")
        else:
            words[-1] += char
    return [word for word in words if word]
