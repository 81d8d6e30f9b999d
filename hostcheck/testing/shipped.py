"""What comes with hostcheck: the probes and analyses whose facts rules and analyses of other plugins may read.

The plugin under test is often installed too. Nothing of that is loaded here: it is its objects that are tested, not what their child says of them.
"""

import sys
from functools import cache
from typing import Final

from hostcheck.deferred import pattern
from hostcheck.installed import distributions
from hostcheck.model import Analysis, Format, HostcheckError, Probe
from hostcheck.registry import MODULES, OWN
from hostcheck.registry.contributions import gather, name_of
from hostcheck.testing.contract import require

NAME: Final = pattern(r"[a-z0-9][a-z0-9._-]{0,79}")
"""What the registry lets a probe, an analysis or a format be called."""


@cache
def shipped() -> tuple[Probe | Analysis | Format | str, ...]:
    """Return what the built-in plugins contribute; raises HostcheckError where they are not installed."""
    own = next((one for one in distributions(sys.path) if one.name == OWN), None)
    if own is None:
        raise HostcheckError("hostcheck is not installed, so its probes are not there to test with; run `pip install .` in its folder")
    return tuple(item for _, item in gather(own, lambda module: module.startswith(MODULES)).items)


def shipped_probes() -> dict[str, Probe]:
    """Return the built-in probes by id."""
    return {item.id: item for item in shipped() if isinstance(item, Probe)}


def shipped_analyses() -> dict[str, Analysis]:
    """Return the built-in analyses by id."""
    return {item.id: item for item in shipped() if isinstance(item, Analysis)}


def shipped_schemas() -> dict[str, str]:
    """Return the path of the facts schema of each built-in probe and analysis, by id."""
    return {item.id: item.facts_schema for item in shipped() if isinstance(item, Probe | Analysis)}


def require_name(item: Probe | Analysis | Format) -> None:
    """Raise AssertionError where the registry would not take `item` by the name that it has."""
    __tracebackhide__ = True
    name, module = name_of(item), _module(item)
    require(bool(NAME.fullmatch(name)), f"{name!r} is no name; use a-z, 0-9 and ._- and begin with a letter or a digit")
    formats = isinstance(item, Format)
    taken = [one for one in shipped() if not isinstance(one, str) and isinstance(one, Format) == formats and name_of(one) == name and _module(one) != module]
    require(not taken, f"{name!r} comes with hostcheck, so that yours would not be used; begin its name with your own, such as 'acme.'")


def _module(item: Probe | Analysis | Format) -> str:
    """Return where the code of `item` stands."""
    code = item.collect if isinstance(item, Probe) else item.derive if isinstance(item, Analysis) else item.render
    return str(getattr(code, "__module__", ""))
