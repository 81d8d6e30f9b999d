r"""The words of sudoers(5): which rule of sudo's own scanner each text matches, in which of its states (plugins/sudoers/toke.l of sudo 1.9.16p2).

That scanner takes the longest match, and of several that are as long the first rule; so this one does, with the same rules in the same order. Where the
manual and the scanner disagree, what sudo does counts: a line that ends in ``\r\n`` behind a command is a syntax error, and ``#1000`` is no comment. Later
versions refuse a sudoedit of what is no absolute path; here it counts.
"""

import re
from functools import cache
from typing import Final, NamedTuple

INITIAL: Final = "INITIAL"
DEFS: Final = "GOTDEFS"
COMMAND: Final = "GOTCMND"
REGEX: Final = "GOTREGEX"
START_DEFS: Final = "STARTDEFS"
IN_DEFS: Final = "INDEFS"
STRING: Final = "INSTR"
DIGEST: Final = "WANTDIGEST"
INCLUDE: Final = "GOTINC"
PATH: Final = "EXPECTPATH"
SHARED: Final = (INITIAL, DEFS, DIGEST, PATH)
"""The states in which rules hold that name none: those that are declared with %s, not %x."""
EVERY: Final = (INITIAL, DEFS, COMMAND, REGEX, START_DEFS, IN_DEFS, STRING, DIGEST, INCLUDE, PATH)

WORD: Final = r'(?:[^#>!=:,() \t\r\n\\"]|\\[^\t\n])+'
ID: Final = r"#-?[0-9]+"
FILE: Final = r"/(?:\\[,:= \t#]|[^,:=\\ \t\r\n#])+"
PATTERN: Final = r"\^(?:\\[#$]|[^#\r\n$])*\$"
SETTING: Final = r'(?:[^#!=, \t\r\n\\"]|\\[^\r\n])(?:[^#=, \t\r\n\\"]|\\[^\r\n])*'
OCTET: Final = r"(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})"
IPV4: Final = rf"{OCTET}(?:\.{OCTET}){{3}}"
HEX: Final = r"[0-9A-Fa-f]{1,4}"
LONG6: Final = rf"(?:(?:{HEX})?:){{2,7}}(?:{HEX})?"
MIXED6: Final = rf"(?:(?:{HEX})?:){{2,6}}:{IPV4}"
BITS4: Final = r"/(?:3[0-2]|[12]?[0-9])"
BITS6: Final = r"/(?:12[0-8]|1[01][0-9]|[1-9][0-9]|[0-9])"
TAGS: Final = "PASSWD|EXEC|INTERCEPT|SETENV|LOG_OUTPUT|LOG_INPUT|MAIL|FOLLOW"


class Rule(NamedTuple):
    """A rule of the scanner: what it does, by name, in which states, and whether only at the beginning of a line."""

    name: str
    states: tuple[str, ...]
    regex: str
    bol: bool = False


RULES: Final = (
    Rule("comma", (DEFS,), r"[ \t]*,[ \t]*"),
    Rule("settings", (DEFS,), r"[ \t]+"),
    Rule("variable", (START_DEFS,), r"[a-z_]+"),
    Rule("next setting", (IN_DEFS,), r","),
    Rule("sign", (IN_DEFS,), r"\+=|-=|="),
    Rule("quote", (IN_DEFS,), r'"'),
    Rule("word", (IN_DEFS,), SETTING),
    Rule("string fold", (STRING,), r"\\[ \t]*\r?\n[ \t]*"),
    Rule("string end", (STRING,), r'"'),
    Rule("string", (STRING,), r"\\"),
    Rule("string", (STRING,), r'(?:\\"|[^"\r\n\\])+'),
    Rule("glob", (COMMAND,), r"\\[*?\[\]!^]"),
    Rule("quoted", (COMMAND,), r"\\[:\\,= \t#]"),
    Rule("end of command", (COMMAND,), r"[#:,=\r\n]"),
    Rule("argument", (COMMAND,), r"[^#\\:, \t\r\n]+"),
    Rule("regex text", (REGEX,), r"\\[^\r\n]"),
    Rule("regex error", (REGEX,), r"[#\r\n]"),
    Rule("regex end", (REGEX,), r"\$"),
    Rule("regex text", (REGEX,), r"[^#\\\r\n$]+"),
    Rule("hex", (DIGEST,), r"[0-9A-Fa-f]+"),
    Rule("base64", (DIGEST,), r"[A-Za-z0-9+/=]+"),
    Rule("include", (INITIAL,), r"@include"),
    Rule("includedir", (INITIAL,), r"@includedir"),
    Rule("include", (INITIAL,), r"#include[ \t]+[^\n]*\n?", bol=True),
    Rule("includedir", (INITIAL,), r"#includedir[ \t]+[^\n]*\n?", bol=True),
    Rule("defaults", (INITIAL,), rf'[ \t]*Defaults(?:[:@>!][ \t]*!*"?(?:{ID}|{WORD}))?', bol=True),
    Rule("alias of", (INITIAL,), r"[ \t]*(?:Host|Cmnd|Cmd|User|Runas)_Alias", bol=True),
    Rule("tag", SHARED, rf"(?:NO)?(?:{TAGS})[ \t]*:"),
    Rule("empty", (INITIAL, DEFS), r"\+|%:?"),
    Rule("netgroup", SHARED, rf"\+{WORD}"),
    Rule("group", SHARED, rf"%:?(?:{WORD}|{ID})"),
    Rule("address", SHARED, rf"{IPV4}(?:/{IPV4}|{BITS4})?"),
    Rule("address6", SHARED, rf"{LONG6}(?:/{LONG6}|/{MIXED6}|{BITS6})?"),
    Rule("address6", SHARED, rf"{MIXED6}(?:/{MIXED6}|/{LONG6}|{BITS6})?"),
    Rule("all", SHARED, r"ALL"),
    Rule("option", (INITIAL,), r"TIMEOUT|NOTBEFORE|NOTAFTER|ROLE|TYPE|APPARMOR_PROFILE|PRIVS|LIMITPRIVS"),
    Rule("path option", (INITIAL,), r"CWD|CHROOT"),
    Rule("alias", SHARED, r"[A-Z][A-Z0-9_]*"),
    Rule("bound command", (DEFS,), rf"{FILE}|sudoedit"),
    Rule("bound regex", (DEFS,), PATTERN),
    Rule("digest", SHARED, r"sha(?:224|256|384|512)"),
    Rule("sudoedit", SHARED, r"sudoedit"),
    Rule("path", (PATH,), FILE),
    Rule("path", (PATH,), WORD),
    Rule("command", SHARED, FILE),
    Rule("regex", SHARED, PATTERN),
    Rule("quote", (INITIAL, PATH, DEFS), r'"'),
    Rule("word", (INITIAL, DEFS), rf"{ID}|{WORD}"),
    Rule("file", (INCLUDE,), r'[^" \t\r\n\f\v](?:\\[ \t]|[^ \t\r\n\f\v])*'),
    Rule("quote", (INCLUDE,), r'"'),
    Rule("sign", SHARED, r"[(),=:]"),
    Rule("not", EVERY, r"!+"),
    Rule("newline", EVERY, r"\r?\n"),
    Rule("blank", EVERY, r"[ \t]+"),
    Rule("fold", EVERY, r"\\[ \t]*\r?\n"),
    Rule("comment", (INITIAL, START_DEFS, IN_DEFS), r"#(?:-[^\r\n0-9][^\n]*|[^\r\n0-9-][^\n]*)?(?:\r\n|\n)?"),
    Rule("nothing", EVERY, r"[^\n]"),
)
HEXDIGITS: Final = "0123456789abcdefABCDEF"
UPPER: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
STARTS: Final = {
    **{"tag": "PEISLMFN", "empty": "+%", "netgroup": "+", "group": "%", "address": "0123456789", "address6": f"{HEXDIGITS}:", "all": "A", "option": "TNRALP"},
    **{"path option": "C", "alias": UPPER, "bound command": "/s", "bound regex": "^", "digest": "s", "sudoedit": "s", "command": "/", "regex": "^"},
    **{"hex": HEXDIGITS, "include": "@#", "includedir": "@#", "defaults": " \tD", "alias of": " \tHCUR", "comment": "#", "newline": "\r\n", "blank": " \t"},
    **{"fold": "\\", "not": "!", "quote": '"', "glob": "\\", "quoted": "\\"},
}
"""With which characters a text may begin that a rule matches, so that not every rule is tried at every word."""


@cache
def rules(state: str, start: str, bol: bool) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return the rules that may match in a state at a character, in order; `start` is "" for any that is not ASCII."""
    return tuple(
        (rule.name, _compiled(rule.regex))
        for rule in RULES
        if state in rule.states and (bol or not rule.bol) and (rule.name not in STARTS or (start and start in STARTS[rule.name]))
    )


@cache
def _compiled(regex: str) -> re.Pattern[str]:
    return re.compile(regex)


def valid_ipv6(text: str) -> bool:
    """Say whether an address, and a mask behind it, has no more than one ``::`` (ipv6_valid() in toke_util.c)."""
    return all(len(re.findall("::", part)) <= 1 for part in text.split("/"))
