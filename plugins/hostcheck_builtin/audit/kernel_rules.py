"""An audit rule as the kernel writes it: struct audit_rule_data of linux/audit.h, which netlink tells."""

import struct
from typing import Final, NamedTuple

from hostcheck.api import Nonsense, Unsupported
from hostcheck_builtin.audit.audit_rules import ALL_BITS, CHANGES, NUMBERS, AuditRule, is_harmless

WORDS: Final = 64
"""AUDIT_BITMASK_SIZE and AUDIT_MAX_FIELDS."""
HEAD: Final = struct.Struct(f"=III{WORDS}I{WORDS}I{WORDS}I{WORDS}II")
FILTERS: Final = {0: "user", 1: "task", 4: "exit", 5: "exclude", 6: "filesystem", 7: "io_uring"}
PREPEND: Final = 0x10
"""How a rule was added that came first; they are told in their order anyway."""
ALWAYS: Final = 2
ARCH, MSGTYPE, FSTYPE, SUCCESS, WATCH, PERM, DIR, KEY = 11, 12, 26, 104, 105, 106, 107, 210
TEXTS: Final = frozenset({*range(13, 18), *range(19, 24), WATCH, DIR, 112, KEY})
NAMES: Final = {
    **dict(enumerate("pid uid euid suid fsuid gid egid sgid fsgid auid pers arch msgtype".split())),
    **dict(enumerate("subj_user subj_role subj_type subj_sen subj_clr ppid obj_user obj_role obj_type obj_lev_low obj_lev_high".split(), 13)),
    **{24: "auid", 25: "sessionid", FSTYPE: "fstype", 100: "devmajor", 101: "devminor", 102: "inode", 103: "exit", SUCCESS: "success", WATCH: "path"},
    **{PERM: "perm", DIR: "dir", 108: "filetype", 109: "obj_uid", 110: "obj_gid", 111: "a comparison", 112: "exe", 113: "saddr_fam", KEY: "key"},
    **{200: "a0", 201: "a1", 202: "a2", 203: "a3"},
}
EQUAL: Final = 0x40000000
WRITE, ATTRIBUTE = 2, 8
IS_64: Final = 0x80000000


class RuleField(NamedTuple):
    """One condition of a rule; `text` is "" but for what is a text."""

    kind: int
    equal: bool
    value: int
    text: str


def rule(raw: bytes, number: int) -> AuditRule:
    """Return what a rule is about; `number` is its place among the kernel's rules.

    Raises Nonsense where it is none, and Unsupported where it names system calls of a machine whose numbers are not known here.
    """
    if len(raw) < HEAD.size:
        raise Nonsense("an audit rule of the kernel that is cut short")
    flags, action, count, *words = HEAD.unpack_from(raw)
    if count > WORDS:
        raise Nonsense("an audit rule of the kernel with too many fields")
    fields = _fields(count, words, raw[HEAD.size :])
    filter_ = FILTERS.get(flags & ~PREPEND, "unknown")
    does = "always" if action == ALWAYS else "never"
    about = next((one for one in fields if one.kind in (WATCH, DIR) and one.text), None)
    arch = next((one.value for one in fields if one.kind == ARCH and one.equal), None)
    only = tuple(NAMES.get(one.kind, "a field") for one in fields if not _is_plain(one))
    named = [(NAMES.get(one.kind, ""), "=" if one.equal else "", str(one.value)) for one in fields]
    perms = "" if is_harmless(filter_, named) or (does == "always" and not about) else _perms(fields, words[:WORDS], arch, does)
    return AuditRule(
        filter="" if is_harmless(filter_, named) else filter_,
        action=does,
        path=about.text if about else "",
        tree=about.kind == DIR if about else None,
        perms=perms,
        bits=ALL_BITS if arch is None else (64 if arch & IS_64 else 32,),
        only=only,
        at=f"rule {number} of the kernel",
    )


def _fields(count: int, words: list[int], texts: bytes) -> list[RuleField]:
    kinds, values, operators = (words[WORDS * part : WORDS * part + count] for part in (1, 2, 3))
    found: list[RuleField] = []
    at, is_known = 0, all(kind in NAMES for kind in kinds)
    for kind, value, operator in zip(kinds, values, operators, strict=True):
        text = b""
        if kind in TEXTS and is_known:  # of a field that is not known it is not known either whether it has a text
            text = texts[at : at + value]
            at += value
            if len(text) < value:
                raise Nonsense("an audit rule of the kernel with a text that is cut short")
        found.append(RuleField(kind, operator == EQUAL, value, text.decode("utf-8", "surrogateescape")))
    return found


def _is_plain(field: RuleField) -> bool:
    """Say whether a condition is one of path, perm and architecture, or leaves out only what failed and changed nothing."""
    return field.kind == KEY or (field.equal and (field.kind in (ARCH, WATCH, PERM, DIR) or (field.kind == SUCCESS and field.value != 0)))


def _perms(fields: list[RuleField], mask: list[int], arch: int | None, action: str) -> str:
    """Return the changes that it is about: by perm, where it has one, and by the system calls, which auditctl narrows to those of perm."""
    asked = next((one.value for one in fields if one.kind == PERM and one.equal), WRITE | ATTRIBUTE)
    perms = "".join(perm for perm, bit in zip(CHANGES, (WRITE, ATTRIBUTE), strict=True) if asked & bit)
    if all(word == 0xFFFFFFFF for word in mask[:-1]):
        return perms
    known = NUMBERS.get(arch or 0)
    if known is None and (arch is None or action == "never"):
        return perms if action == "never" else ""
    if known is None:
        raise Unsupported("an audit rule of the kernel names system calls, and those of this kind of machine are not known here")
    quantity = any if action == "never" else all
    return "".join(perm for perm in perms if quantity(mask[call // 32] >> call % 32 & 1 for call in known[perm]))
