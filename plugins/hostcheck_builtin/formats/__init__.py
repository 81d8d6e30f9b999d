"""One module a format, imported when it is asked for."""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from hostcheck.api import Format, hookimpl

MEDIA_TYPES = {"html": "text/html", "json": "application/json", "junit": "application/xml", "text": "text/plain"}


@hookimpl
def hostcheck_formats() -> Iterator[Format]:
    """Return the built-in formats."""
    for name, media_type in MEDIA_TYPES.items():
        yield Format(name=name, media_type=media_type, render=_render(name))


def _render(name: str) -> Callable[[dict[str, Any]], str]:
    def render(report: dict[str, Any]) -> str:
        text: str = import_module(f"{__name__}.{name}").render(report)
        return text

    return render
