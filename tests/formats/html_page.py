"""A page for people, parsed: its elements with what each says and where it stands."""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from browser.pages import render

VOID = {"meta", "input", "hr"}
BLOCKS = {"td", "th", "li", "dt", "dd", "p", "caption", "h1", "h2", "h3"}
"""What a reader sees a gap behind."""
Report = dict[str, Any]


class Page(HTMLParser):
    """The elements of a page in their order, each with its attributes, its text and those it stands in; raises where tags do not nest."""

    def __init__(self, text: str) -> None:
        """Parse `text`."""
        super().__init__()
        self.elements: list[Element] = []
        self.open: list[Element] = []
        self.feed(text)
        self.close()
        assert self.open == []
        self.text = " ".join("".join(self.elements[0].texts).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        element = Element(tag, {name: value or "" for name, value in attrs}, self.open[-1] if self.open else None)
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self.handle_data(" ")
        assert self.open.pop().tag == tag, tag

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.texts.append(data)

    def find(self, tag: str = "", **attributes: str) -> Iterator["Element"]:
        """Yield the elements of that tag with these attributes; `_` stands for `-` in a name."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        for element in self.elements:
            if (not tag or element.tag == tag) and wanted.items() <= element.attributes.items():
                yield element

    def skeleton(self) -> list[tuple[str, tuple[str, ...], str]]:
        """Return what the page is made of without its texts."""
        return [(each.tag, tuple(each.attributes), each.attributes.get("class", "")) for each in self.elements]


class Element:
    def __init__(self, tag: str, attributes: dict[str, str], parent: "Element | None") -> None:
        """Keep what the start tag says."""
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.texts: list[str] = []

    @property
    def text(self) -> str:
        return "".join(self.texts)

    def within(self, other: "Element") -> bool:
        return self is other or (self.parent is not None and self.parent.within(other))


def shown(report: Report) -> Page:
    return Page(render(report))
