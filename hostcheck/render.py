"""Render a report by a template: the one jinja2 environment, which the build compiles templates with as well.

Templates see the report document and nothing else, after every character that could move a cursor, reorder text or end a line was
made visible: names on a host are chosen by whoever wants to be overlooked.
"""

import base64
import hashlib
import os
import shutil
from functools import cache, partial
from typing import Any, Final

import jinja2
from jinja2 import BaseLoader, Environment, FileSystemLoader, ModuleLoader, StrictUndefined
from markupsafe import Markup

from hostcheck.pointer import place
from hostcheck.visible import all_visible

NARROWEST: Final = 60
WIDEST: Final = 100


def width() -> int:
    """Return how many columns a line may have: those of the terminal, or of COLUMNS, or 80; a text is read best between 60 and 100."""
    return min(max(shutil.get_terminal_size((80, 24)).columns, NARROWEST), WIDEST)


def wrap(text: str, indent: int, first: int | None = None) -> str:
    """Return `text` folded to the width of the terminal, its further lines indented; long words (paths, commands) stay whole.

    `first` is the column at which it begins, if that is another.
    """
    import textwrap

    begin = indent if first is None else first
    wrapper = textwrap.TextWrapper(width(), " " * begin, " " * indent, break_long_words=False, break_on_hyphens=False)
    return "\n".join(wrapper.wrap(text))[begin:]


def digest(text: str) -> str:
    """Return the sha256 of `text` as a Content-Security-Policy names it: the page may then hold that style or script and no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _beside(folder: str, name: str) -> Markup:
    """Return the file `name` in `folder` without indent and empty lines: what comes with a template is as trusted as the template."""
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return Markup("\n".join(filter(None, map(str.strip, file.read().splitlines()))))


def between_tags(text: str) -> Markup:
    """Return `text` escaped as it has to be between tags, where quotes are as good as any character; never for an attribute."""
    return Markup(str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def render_template(path: str, report: dict[str, Any], *, escape: bool = True) -> str:
    """Return the template at `path` (a .j2 file) rendered with `report`; `escape` is for HTML and XML."""
    folder, name = os.path.split(path)
    return _environment(folder, escape).get_template(name).render(report=all_visible(report))


def compile_templates(folder: str, into: str) -> None:
    """Compile the templates in `folder`, to be found beside those in the folder `into`: what the build does, for the jinja2 that it runs with."""
    for escape in (True, False):
        _made(folder, FileSystemLoader(folder), escape).compile_templates(compiled(into, escape), extensions=["j2"], zip=None, ignore_errors=False)


def compiled(folder: str, escape: bool) -> str:
    """Return where the compiled templates of `folder` are, if there are any: this jinja2 runs none that another has compiled."""
    return os.path.join(folder, "compiled", f"jinja2-{getattr(jinja2, '__version__', '')}", "escaped" if escape else "plain")


@cache
def _environment(folder: str, escape: bool) -> Environment:
    """Return the environment of the templates in `folder`, which reads each of them once: compiled, where the build has done that."""
    place = compiled(folder, escape)
    return _made(folder, ModuleLoader(place) if os.path.isdir(place) else FileSystemLoader(folder), escape)


def _made(folder: str, loader: BaseLoader, escape: bool) -> Environment:
    environment = Environment(
        loader=loader,
        autoescape=escape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        optimized=False,  # a command renders a template once: folding its constants costs more than it saves
    )
    environment.filters["wrap"] = wrap
    environment.filters["place"] = place
    environment.filters["between_tags"] = between_tags
    environment.filters["digest"] = digest
    environment.globals["beside"] = partial(_beside, folder)
    return environment
