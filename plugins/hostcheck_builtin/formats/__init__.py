"""One module a format, imported when it is asked for."""

from collections.abc import Iterator

from hostcheck.api import Format, deferred, hookimpl

MEDIA_TYPES = {
    "dot": "text/vnd.graphviz",
    "html": "text/html",
    "json": "application/json",
    "junit": "application/xml",
    "ndjson": "application/x-ndjson",
    "paths": "text/plain",
    "text": "text/plain",
}


@hookimpl
def hostcheck_formats() -> Iterator[Format]:
    """Return the built-in formats."""
    for name, media_type in MEDIA_TYPES.items():
        yield Format(name=name, media_type=media_type, render=deferred(f"{__name__}.{name}", "render"))
