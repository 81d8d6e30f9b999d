"""A probe, an analysis, a benchmark and a format, with every kind of thing that version 1 lets a plugin do."""

from hostcheck.api import ABSENT, Analysis, Format, Hole, Probe, Why, attempt, beside, hookimpl, incomplete, known, opening


def collect(host):
    """State the message of the day, and the names in /etc."""
    names = attempt(host.list_dir, "/etc")
    facts = {"motd": attempt(host.read_text, "/etc/motd", missing=""), "names": names, "host": {}}
    try:
        facts["host"]["mode"] = host.stat("/etc/hostname").mode
    except ABSENT:
        pass
    facts["sockets"] = incomplete([], Hole(why=Why.UNSUPPORTED, message="nobody looks"))
    return facts


def derive(facts, values):
    """Count lines, and say for which role that was asked."""
    motd = facts["acme-v1.motd"]
    sockets = motd["sockets"]
    return {
        "lines": len(motd["motd"].splitlines()),
        "role": values.get("role", ""),
        "known": len(known(sockets)),
        "open": opening(sockets) is not None,
        "engines": attempt(lambda: sorted(facts["sockets"]["sockets"])),
    }


def render(report):
    """Write one line."""
    return f"{report['host']['name']}: {report['verdict']}\n"


@hookimpl
def hostcheck_probes():
    """Return the probe."""
    return [Probe(id="acme-v1.motd", title="Message of the day", facts_schema=beside(__file__, "motd.json"), collect=collect, version=2)]


@hookimpl
def hostcheck_analyses():
    """Return the analysis."""
    reads = ("acme-v1.motd", "sockets")
    return [Analysis(id="acme-v1.size", title="Size of the message", reads=reads, facts_schema=beside(__file__, "size.json"), derive=derive)]


@hookimpl
def hostcheck_benchmarks():
    """Return the benchmark."""
    return [beside(__file__, "benchmark.json")]


@hookimpl
def hostcheck_formats():
    """Return the format."""
    return [Format(name="acme-v1", media_type="text/plain", render=render)]
