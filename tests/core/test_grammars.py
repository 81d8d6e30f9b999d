"""Each grammar has one reader: what docs/architecture.md says of the modules that read one is so."""

import re
from pathlib import Path

import hostcheck_builtin

PLUGINS = Path(hostcheck_builtin.__file__).parent
TEXT = (Path(__file__).parents[2] / "docs/architecture.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| ([^|`]+) \| (`[^|]+`) \| (`[^|]+`) \|$", re.MULTILINE)
QUOTED = re.compile(r"`([^`]+)`")
GRAMMARS = {name: (QUOTED.findall(modules), QUOTED.findall(marks)) for name, modules, marks in ROW.findall(TEXT.partition("## Who reads what")[2])}
SOURCES = {str(path.relative_to(PLUGINS)): path.read_text(encoding="utf-8") for path in sorted(PLUGINS.rglob("*.py"))}


def strangers(sources: dict[str, str]) -> list[tuple[str, str]]:
    """Return each module that has a mark and stands in no row with it, and the mark."""
    readers: dict[str, set[str]] = {}
    for modules, marks in GRAMMARS.values():
        for mark in marks:
            readers.setdefault(mark, set()).update(modules)
    return [(path, mark) for mark, modules in readers.items() for path, text in sources.items() if mark in text and path not in modules]


def test_the_table_is_read() -> None:
    lines = TEXT.partition("## Who reads what")[2].partition("\n## ")[0].split("\n")
    assert len(GRAMMARS) == sum(line.startswith("| ") for line in lines) - 1 > 15


def test_nobody_else_reads_a_grammar() -> None:
    assert strangers(SOURCES) == []


def test_each_reader_is_there_and_each_mark_is_found() -> None:
    for name, (modules, marks) in GRAMMARS.items():
        text = "".join(SOURCES[module] for module in modules)
        assert [mark for mark in marks if mark not in text] == [], name


def test_a_second_reader_is_found() -> None:
    for text in ("for one in unit_words.commands(line)", "document = tomllib.loads(text)", "document = json.loads(raw)", 'CONFIG = "/etc/docker/daemon.json"'):
        assert [path for path, _ in strangers({"sockets/second_reader.py": text})] == ["sockets/second_reader.py"]
