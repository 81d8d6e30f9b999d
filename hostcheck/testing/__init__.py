"""For those who write plugins: hosts to test a probe on, and the contracts that every plugin has to keep, as tests to inherit.

The built-in plugins are tested by the same contracts. pytest is needed to run them, and not to import them: `pip install 'hostcheck-scanner[test]'`.
"""

from hostcheck.testing.analyses import AnalysisContract
from hostcheck.testing.benchmarks import BenchmarkContract
from hostcheck.testing.findings import FindingsContract
from hostcheck.testing.formats import FormatContract
from hostcheck.testing.hosts import memory_host, record, replay, write_recording
from hostcheck.testing.owners import OwnersContract
from hostcheck.testing.probes import ProbeContract
from hostcheck.testing.reports import example_reports

__all__ = [
    "AnalysisContract",
    "BenchmarkContract",
    "FindingsContract",
    "FormatContract",
    "OwnersContract",
    "ProbeContract",
    "example_reports",
    "memory_host",
    "record",
    "replay",
    "write_recording",
]
