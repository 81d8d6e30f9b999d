"""What this distribution adds to hostcheck."""

from hostcheck.api import Analysis, Format, Probe, beside, hookimpl
from nadir_hostcheck import logins, sshd, table

SSHD = Probe(id="nadir.sshd", title="What sshd is told about who may log in", facts_schema=beside(__file__, "sshd.facts.json"), collect=sshd.collect, version=1)
LOGINS = Analysis(
    id="nadir.ssh-logins",
    title="Which accounts sshd may let in",
    reads=("nadir.sshd", "nss", "principals"),
    facts_schema=beside(__file__, "logins.facts.json"),
    derive=logins.derive,
)
CSV = Format(name="nadir-csv", media_type="text/csv", render=table.render)
BENCHMARK = beside(__file__, "benchmark/nadir.json")


@hookimpl
def hostcheck_probes():
    """Return the probe."""
    return [SSHD]


@hookimpl
def hostcheck_analyses():
    """Return the analysis."""
    return [LOGINS]


@hookimpl
def hostcheck_benchmarks():
    """Return the benchmark."""
    return [BENCHMARK]


@hookimpl
def hostcheck_formats():
    """Return the format."""
    return [CSV]
