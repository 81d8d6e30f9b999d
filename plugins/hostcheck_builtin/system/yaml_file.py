"""A YAML file of the host as mappings, lists and scalars, or not at all where programs need not agree on what it says.

The tree is built from the events of PyYAML, which are counted, and never by recursion; no alias is followed; and no message quotes a file, not its
keys either, since what stands in one may be a password.
"""

from typing import Any, Final, NamedTuple

from hostcheck.api import LimitExceeded, Nonsense, Unsupported, pattern
from hostcheck_builtin.system import bounds
from hostcheck_builtin.system.parse_errors import at_line

STRING: Final = "tag:yaml.org,2002:str"
NULL: Final = "tag:yaml.org,2002:null"
DISPUTED: Final = pattern(r"\t|[\[{,\s]\?")
"""What goccy/go-yaml 1.19 takes within brackets for something else than libyaml does: a tab, and a question mark before a key."""

NO_KEY: Final = pattern(r"""<<|["'|>]|.*[\r\n]""")


class Undecided(NamedTuple):
    """A scalar as it is written, because what it is depends on the program: a flag, number or date of YAML 1.1, or a text with escapes or of several lines."""

    text: str


def read(path: str, raw: bytes, *, safe_load: bool = False) -> Any:
    """Return the document in a file as dicts, lists, `str`, `Undecided` and None, which an empty file is as well.

    With `safe_load` as `yaml.safe_load` reads it, whose parser is written in Python; else by libyaml where that is present, and not where other parsers are
    known to read something else. Raises Unsupported for what is no YAML, more than one document, an anchor, an alias, a tag, and a mapping in which a key
    stands twice, is <<, is not as it is written, or is no scalar; Nonsense for what is not UTF-8; and LimitExceeded.
    """
    if len(raw) > bounds.YAML_FILE_BYTES:
        raise LimitExceeded(f"{path}: more than {bounds.YAML_FILE_BYTES} bytes")
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise Nonsense(f"{path}: not UTF-8") from error
    import yaml  # takes longer than to read most of these files, and few hosts have one

    kind: Any = yaml.SafeLoader if safe_load else getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        documents = _Tree(path, text, kind(text), safe_load=safe_load).documents()
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # the latter two for an escape that is no character, and a date that is none
        raise Unsupported(f"{path}: no YAML{at_line(error)}") from error
    if len(documents) > 1:
        raise Unsupported(f"{path}: more than one document")
    return documents[0] if documents else None


class _Tree:
    """What the events of one file add up to."""

    def __init__(self, path: str, text: str, loader: Any, *, safe_load: bool) -> None:
        self.path, self.text, self.loader, self.safe_load = path, text, loader, safe_load

    def documents(self) -> list[Any]:
        """Return the documents, each built from its leaves up."""
        import yaml

        starts: list[Any] = []
        opened: list[list[Any]] = [[]]
        while self.loader.check_event():
            event: Any = self.loader.get_event()
            if getattr(event, "anchor", None) or getattr(event, "tag", None):
                raise self._refused(event, "an anchor, an alias or a tag")
            if isinstance(event, yaml.CollectionStartEvent):
                if len(starts) == bounds.YAML_NESTING:
                    raise LimitExceeded(f"{self.path}: deeper than {bounds.YAML_NESTING}")
                starts.append(event)
                opened.append([])
            elif isinstance(event, yaml.CollectionEndEvent):
                items = opened.pop()
                opened[-1].append(self._collection(starts.pop(), event, items, mapping=isinstance(event, yaml.MappingEndEvent)))
            elif isinstance(event, yaml.ScalarEvent):
                tag = self.loader.resolve(yaml.ScalarNode, event.value, event.implicit)
                opened[-1].append(self._scalar(event, yaml.ScalarNode(tag, event.value)))
        return opened[0]

    def _collection(self, start: Any, end: Any, items: list[Any], *, mapping: bool) -> Any:
        if not self.safe_load:
            self._agree(start, end, items[::2] if mapping else items)
        if not mapping:
            return items
        found: dict[Any, Any] = {}
        for key, value in zip(items[::2], items[1::2], strict=True):
            if isinstance(key, list | dict) or (isinstance(key, Undecided) and NO_KEY.match(key.text)):
                raise self._refused(start, "a mapping with a key that is <<, has escapes or several lines, or is no scalar")
            if key in found:
                raise self._refused(start, "a mapping in which a key stands twice")
            found[key] = value
        return found

    def _agree(self, start: Any, end: Any, items: list[Any]) -> None:
        """Refuse what goccy/go-yaml 1.19 reads otherwise; it loses what comes after an empty item of a list, or an empty key."""
        if start.flow_style and DISPUTED.search(self.text, start.start_mark.index, end.end_mark.index):
            raise self._refused(start, "a tab or a question mark in brackets")
        if not start.flow_style and None in items:
            raise self._refused(start, "an empty item or key")

    def _scalar(self, event: Any, node: Any) -> str | Undecided | None:
        if self.safe_load:
            self._construct(event, node)
        if node.tag == NULL:
            return None
        value, written = str(event.value), self.text[event.start_mark.index : event.end_mark.index]
        return value if node.tag == STRING and written in (value, f'"{value}"', f"'{value}'") else Undecided(written)

    def _construct(self, event: Any, node: Any) -> None:
        """Refuse what `yaml.safe_load` would not take, as << and = and a date that is none, and a number that would take it long."""
        if node.tag in (STRING, NULL):
            return
        constructors = self.loader.yaml_constructors
        if len(event.value) > bounds.YAML_NUMBER or node.tag not in constructors:
            raise self._refused(event, "a number that is too long, or a value that is << or =")
        constructors[node.tag](self.loader, node)

    def _refused(self, event: Any, what: str) -> Unsupported:
        return Unsupported(f"{self.path}: {what}, at line {event.start_mark.line + 1}")
