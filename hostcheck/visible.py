"""Show what cannot be seen: control, format and other invisible characters, which reorder lines, move cursors or forge names.

A no-break or an ideographic space is one of them: two names that differ in it alone look alike.
"""

import unicodedata
from typing import Final

from hostcheck.model import Json

INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})


def visible(text: str) -> str:
    r"""Return `text` with invisible characters, but for the plain space, written as ``\xNN`` or ``\uNNNN``."""
    if text.isprintable():
        return text
    return "".join(_escape(character) if unicodedata.category(character) in INVISIBLE and character != " " else character for character in text)


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def all_visible(value: Json) -> Json:
    """Return a document with every text in it made visible, keys too; of keys that then look alike each but the first has a number."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        shown: dict[str, Json] = {}
        for key, item in value.items():
            name, count = visible(key), 1
            while name in shown:
                count += 1
                name = f"{visible(key)} ({count})"
            shown[name] = all_visible(item)
        return shown
    return [all_visible(item) for item in value] if isinstance(value, list) else value
