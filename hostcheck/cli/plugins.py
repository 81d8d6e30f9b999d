"""`hostcheck plugins`: which distributions are used and which are not and why, and the lines by which root allows one.

A pin names version and content, so that whatever is installed over it later is not run until root has looked again.
"""

import json
from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Iterator
from typing import Final

from hostcheck import installed, registry
from hostcheck.cli import config, output, printable
from hostcheck.installed import Distribution
from hostcheck.model import HostcheckError, TrustError
from hostcheck.registry import Registry
from hostcheck.trust import Pin

FILE: Final = f"settings in TOML (default: {config.DEFAULT}, if it exists)"


def load(settings: str | None = None) -> Registry:
    """Return what the plugins contribute that the configuration allows; raises HostcheckError."""
    return registry.load(config.pins(settings))


def config_option(parser: ArgumentParser) -> None:
    """Add the option that names the settings, and so the plugins that are allowed."""
    parser.add_argument("--config", metavar="FILE", help=FILE)


def hint(found: Registry) -> str:
    """Return what to say where a name is not known, and somebody may have it whom root has not allowed."""
    ignored = sorted(str(refusal["distribution"]) for refusal in found.refused if refusal["status"] == registry.IGNORED)
    return f"; {', '.join(ignored)} may have it, but root has not pinned that plugin: see `hostcheck plugins list`" if ignored else ""


def arguments(parser: ArgumentParser) -> None:
    """Add the options of this command."""
    config_option(parser)
    kinds = parser.add_subparsers(metavar="list|pin", required=True)
    about = "list the plugins that are used, and those that are not, with the reason"
    listing = kinds.add_parser("list", help=about, description=f"{about[0].upper()}{about[1:]}.")
    listing.add_argument("--json", action="store_true", help="write JSON")
    listing.set_defaults(act=_list)
    about = "print the lines that let root's scans use a plugin, for the configuration file"
    pin = kinds.add_parser("pin", help=about, description=f"{about[0].upper()}{about[1:]}.")
    pin.add_argument("distribution", metavar="NAME", help="the name of the installed distribution, as `pip list` shows it")
    pin.set_defaults(act=_pin)
    for kind in (listing, pin):
        kind.add_argument("--config", metavar="FILE", default=SUPPRESS, help=FILE)


def run(args: Namespace) -> int:
    """Do what was asked and return the exit code."""
    code: int = args.act(args)
    return code


def _list(args: Namespace) -> int:
    found = load(args.config)
    used = registry.describe(found)
    if args.json:
        output.say(json.dumps({"used": used, "refused": found.refused}, sort_keys=True, indent=2) + "\n")
    else:
        output.say("".join(printable(line) + "\n" for line in _lines(found)))
    return 0


def _lines(found: Registry) -> Iterator[str]:
    from hostcheck.cli.plugin_benchmarks import as_pinned

    slow = {one.distribution for one in found.plugins if one.allowed == "pinned" and one.benchmarks and not as_pinned(one, found)}
    for plugin in registry.describe(found):
        yield f"{plugin['allowed']:<12}{plugin['distribution']} {plugin['version']}  sha256 {plugin['sha256']}"
        yield from (f"            {kind}: {', '.join(names)}" for kind, names in sorted(plugin["contributes"].items()) if names)
        if plugin["distribution"] in slow:
            yield f"            each scan validates its rules; `hostcheck plugins pin {plugin['distribution']}` prints a pin that says that they are valid"
    for refusal in found.refused:
        entry = f" ({refusal['entry_point']})" if refusal.get("entry_point") else ""
        named = " ".join(filter(None, (str(refusal["distribution"]), str(refusal.get("version", "")))))
        yield f"{refusal['status']:<12}{named}{entry}: {refusal['reason']}"


def _pin(args: Namespace) -> int:
    """Print the pin of a distribution that could be believed, with `validated` if its benchmarks are valid; raises HostcheckError."""
    from hostcheck.trust import content_sha256

    one = _believable(args.distribution)
    pin = Pin(distribution=one.name, version=one.version, sha256=content_sha256(one))
    lines = {"distribution": pin.distribution, "version": pin.version, "sha256": pin.sha256, "validated": _validate(pin, args.config)}
    output.say("[[plugins]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in lines.items() if value))
    return 0


def _believable(name: str) -> Distribution:
    """Return the installed distribution called `name`; raises HostcheckError where root could not believe it."""
    import sys

    from hostcheck.trust import changed, doubt

    wanted = installed.normal(name)
    if wanted == registry.OWN:
        raise HostcheckError("hostcheck's own plugins need no pin")
    one = next((one for one in installed.distributions(sys.path, {wanted}) if one.name == wanted), None)
    if one is None:
        raise HostcheckError(f"no distribution called {name!r} is installed in this environment; see `pip list`")
    if problem := doubt(one):
        raise TrustError(f"{one.name}: {problem}")
    if different := changed(one):
        raise TrustError(f"{one.name}: {different[0]} is not the file that was installed, according to RECORD; reinstall the distribution")
    return one


def _validate(pin: Pin, settings: str | None) -> str:
    """Return what the pin says of the plugin's benchmarks: "" where there are none, or where something of the plugin is broken, which is then told."""
    from hostcheck.cli.judging import installed_benchmarks
    from hostcheck.cli.plugin_benchmarks import validation

    found = registry.load([*(other for other in config.pins(settings) if other.distribution != pin.distribution), pin])
    paths = [path for plugin in found.plugins if plugin.distribution == pin.distribution for path in plugin.benchmarks]
    benchmarks = [benchmark for benchmark in installed_benchmarks(found) if benchmark.path in paths]
    wrong = [str(refusal["reason"]) for refusal in found.refused if refusal["distribution"] == pin.distribution]
    for reason in wrong:
        output.warn(f"hostcheck: {printable(f'{pin.distribution}: {reason}; its pin is without `validated` until this is mended')}")
    return validation(found, benchmarks) if benchmarks and not wrong else ""
