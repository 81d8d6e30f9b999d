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


class TokenRule(NamedTuple):
    """A rule of the scanner: what it does, by name, in which states, and whether only at the beginning of a line."""

    name: str
    states: tuple[str, ...]
    regex: str
    bol: bool = False


RULES: Final = (
    TokenRule("comma", (DEFS,), r"[ \t]*,[ \t]*"),
    TokenRule("settings", (DEFS,), r"[ \t]+"),
    TokenRule("variable", (START_DEFS,), r"[a-z_]+"),
    TokenRule("next setting", (IN_DEFS,), r","),
    TokenRule("sign", (IN_DEFS,), r"\+=|-=|="),
    TokenRule("quote", (IN_DEFS,), r'"'),
    TokenRule("word", (IN_DEFS,), SETTING),
    TokenRule("string fold", (STRING,), r"\\[ \t]*\r?\n[ \t]*"),
    TokenRule("string end", (STRING,), r'"'),
    TokenRule("string", (STRING,), r"\\"),
    TokenRule("string", (STRING,), r'(?:\\"|[^"\r\n\\])+'),
    TokenRule("glob", (COMMAND,), r"\\[*?\[\]!^]"),
    TokenRule("quoted", (COMMAND,), r"\\[:\\,= \t#]"),
    TokenRule("end of command", (COMMAND,), r"[#:,=\r\n]"),
    TokenRule("argument", (COMMAND,), r"[^#\\:, \t\r\n]+"),
    TokenRule("regex text", (REGEX,), r"\\[^\r\n]"),
    TokenRule("regex error", (REGEX,), r"[#\r\n]"),
    TokenRule("regex end", (REGEX,), r"\$"),
    TokenRule("regex text", (REGEX,), r"[^#\\\r\n$]+"),
    TokenRule("hex", (DIGEST,), r"[0-9A-Fa-f]+"),
    TokenRule("base64", (DIGEST,), r"[A-Za-z0-9+/=]+"),
    TokenRule("include", (INITIAL,), r"@include"),
    TokenRule("includedir", (INITIAL,), r"@includedir"),
    TokenRule("include", (INITIAL,), r"#include[ \t]+[^\n]*\n?", bol=True),
    TokenRule("includedir", (INITIAL,), r"#includedir[ \t]+[^\n]*\n?", bol=True),
    TokenRule("defaults", (INITIAL,), rf'[ \t]*Defaults(?:[:@>!][ \t]*!*"?(?:{ID}|{WORD}))?', bol=True),
    TokenRule("alias of", (INITIAL,), r"[ \t]*(?:Host|Cmnd|Cmd|User|Runas)_Alias", bol=True),
    TokenRule("tag", SHARED, rf"(?:NO)?(?:{TAGS})[ \t]*:"),
    TokenRule("empty", (INITIAL, DEFS), r"\+|%:?"),
    TokenRule("netgroup", SHARED, rf"\+{WORD}"),
    TokenRule("group", SHARED, rf"%:?(?:{WORD}|{ID})"),
    TokenRule("address", SHARED, rf"{IPV4}(?:/{IPV4}|{BITS4})?"),
    TokenRule("address6", SHARED, rf"{LONG6}(?:/{LONG6}|/{MIXED6}|{BITS6})?"),
    TokenRule("address6", SHARED, rf"{MIXED6}(?:/{MIXED6}|/{LONG6}|{BITS6})?"),
    TokenRule("all", SHARED, r"ALL"),
    TokenRule("option", (INITIAL,), r"TIMEOUT|NOTBEFORE|NOTAFTER|ROLE|TYPE|APPARMOR_PROFILE|PRIVS|LIMITPRIVS"),
    TokenRule("path option", (INITIAL,), r"CWD|CHROOT"),
    TokenRule("alias", SHARED, r"[A-Z][A-Z0-9_]*"),
    TokenRule("bound command", (DEFS,), rf"{FILE}|sudoedit"),
    TokenRule("bound regex", (DEFS,), PATTERN),
    TokenRule("digest", SHARED, r"sha(?:224|256|384|512)"),
    TokenRule("sudoedit", SHARED, r"sudoedit"),
    TokenRule("path", (PATH,), FILE),
    TokenRule("path", (PATH,), WORD),
    TokenRule("command", SHARED, FILE),
    TokenRule("regex", SHARED, PATTERN),
    TokenRule("quote", (INITIAL, PATH, DEFS), r'"'),
    TokenRule("word", (INITIAL, DEFS), rf"{ID}|{WORD}"),
    TokenRule("file", (INCLUDE,), r'[^" \t\r\n\f\v](?:\\[ \t]|[^ \t\r\n\f\v])*'),
    TokenRule("quote", (INCLUDE,), r'"'),
    TokenRule("sign", SHARED, r"[(),=:]"),
    TokenRule("not", EVERY, r"!+"),
    TokenRule("newline", EVERY, r"\r?\n"),
    TokenRule("blank", EVERY, r"[ \t]+"),
    TokenRule("fold", EVERY, r"\\[ \t]*\r?\n"),
    TokenRule("comment", (INITIAL, START_DEFS, IN_DEFS), r"#(?:-[^\r\n0-9][^\n]*|[^\r\n0-9-][^\n]*)?(?:\r\n|\n)?"),
    TokenRule("nothing", EVERY, r"[^\n]"),
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
        (rule.name, re.compile(rule.regex))
        for rule in RULES
        if state in rule.states and (bol or not rule.bol) and (rule.name not in STARTS or (start and start in STARTS[rule.name]))
    )


def valid_ipv6(text: str) -> bool:
    """Say whether an address, and a mask behind it, has no more than one ``::`` (ipv6_valid() in toke_util.c)."""
    return all(len(re.findall("::", part)) <= 1 for part in text.split("/"))
