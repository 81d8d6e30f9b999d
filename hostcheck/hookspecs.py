"""What a plugin may contribute: data only; no hook can see, change or hide what another plugin gave.

Each docstring holds a complete plugin, and the suite runs it.
"""

from collections.abc import Iterable

import pluggy

from hostcheck.model import Analysis, Format, Probe

GROUP = "hostcheck"
"""The entry-point group, and the major version of this contract."""

hookspec = pluggy.HookspecMarker("hostcheck")
hookimpl = pluggy.HookimplMarker("hostcheck")


@hookspec
def hostcheck_probes() -> Iterable[Probe]:
    """Return the probes of this plugin.

    ```python
    from hostcheck.api import Probe, beside, hookimpl

    def collect(host):
        return {"motd": host.read_text("/etc/motd", missing="")}

    @hookimpl
    def hostcheck_probes():
        return [Probe(id="motd", title="Message of the day", facts_schema=beside(__file__, "motd.json"), collect=collect)]
    ```
    """
    raise AssertionError("a specification is never called")


@hookspec
def hostcheck_analyses() -> Iterable[Analysis]:
    """Return the analyses of this plugin.

    ```python
    from hostcheck.api import Analysis, beside, hookimpl

    def derive(facts, values):
        return {"lines": len(facts["motd"]["motd"].splitlines())}

    @hookimpl
    def hostcheck_analyses():
        return [Analysis(id="motd-size", title="Size of the message", reads=("motd",), facts_schema=beside(__file__, "motd-size.json"), derive=derive)]
    ```
    """
    raise AssertionError("a specification is never called")


@hookspec
def hostcheck_benchmarks() -> Iterable[str]:
    """Return the paths of the benchmarks of this plugin: the documents that `hostcheck compile` makes of rules in YAML.

    ```python
    from hostcheck.api import beside, hookimpl

    @hookimpl
    def hostcheck_benchmarks():
        return [beside(__file__, "benchmark/acme.json")]
    ```
    """
    raise AssertionError("a specification is never called")


@hookspec
def hostcheck_formats() -> Iterable[Format]:
    """Return the report formats of this plugin.

    ```python
    from hostcheck.api import Format, hookimpl

    @hookimpl
    def hostcheck_formats():
        return [Format(name="verdict", media_type="text/plain", render=lambda report: report["verdict"])]
    ```
    """
    raise AssertionError("a specification is never called")
