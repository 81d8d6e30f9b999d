"""What hostcheck asks of every plugin."""

import csv
import io
from pathlib import Path

import hosts
from documents import DOCUMENTS
from nadir_hostcheck.plugin import BENCHMARK, CSV, LOGINS, SSHD
from nadir_hostcheck.table import COLUMNS

from hostcheck.testing import AnalysisContract, BenchmarkContract, FindingsContract, FormatContract, OwnersContract, ProbeContract


class TestSshd(ProbeContract):
    """The probe, on every host."""

    probe = SSHD
    hosts = hosts.SSHD


class TestLogins(AnalysisContract):
    """The analysis, on facts written by hand."""

    analysis = LOGINS
    others = [SSHD]
    documents = DOCUMENTS


class TestRules(BenchmarkContract):
    """The benchmark that is installed, and what is written of it here."""

    path = BENCHMARK
    source = str(Path(__file__).parents[1] / "nadir_hostcheck" / "benchmark")
    others = [SSHD, LOGINS]


class TestFindings(FindingsContract):
    """The rules on whole hosts, by the profile that has all of them."""

    path = BENCHMARK
    profile = "level2"
    others = [SSHD, LOGINS]
    hosts = {name: {"nadir.sshd": host, "principals": hosts.USERS, "nss": hosts.USERS} for name, host in hosts.SSHD.items()}


class TestOwners(OwnersContract):
    """Where root includes a file of a user's: sshd stops at a line that it does not take, so that all it would do is that user's word."""

    path = BENCHMARK
    profile = "level2"
    others = [SSHD, LOGINS]
    theirs = ["nadir.sshd/sections", "nadir.ssh-logins", "NADIR-SSH-01", "NADIR-SSH-02"]
    hosts = {"hers": {"nadir.sshd": hosts.HERS, "principals": hosts.USERS, "nss": hosts.USERS}}


class TestCsv(FormatContract):
    """The format."""

    format = CSV

    def test_each_finding_has_a_line(self, report):
        """All lines have all columns."""
        lines = list(csv.reader(io.StringIO(CSV.render(report))))
        assert len(lines) == 1 + len(report["findings"])
        assert {len(line) for line in lines} == {len(COLUMNS)}
