import os

import pytest

from hostcheck.api import beside
from hostcheck_builtin import sockets
from hostcheck_builtin.sockets import analysis_socket_access, probe_socket_units
from hostcheck_builtin.system import contributions


def test_a_probe_is_found_by_its_id() -> None:
    probe = contributions.probe(sockets.__name__, id="socket-units", title="Units", share=20)
    assert (probe.id, probe.title, probe.share, probe.users) == ("socket-units", "Units", 20, False)
    assert probe.facts_schema == beside(sockets.__file__, "probe_socket_units.facts.json")
    assert os.path.isfile(probe.facts_schema)
    assert probe.collect.__module__ == probe_socket_units.__name__


def test_an_analysis_is_found_by_its_id() -> None:
    analysis = contributions.analysis(sockets.__name__, id="socket-access", title="Access", reads=("sockets",), fills={"access": ""})
    assert (analysis.id, analysis.reads, analysis.fills) == ("socket-access", ("sockets",), {"access": ""})
    assert analysis.facts_schema == beside(sockets.__file__, "analysis_socket_access.facts.json")
    assert os.path.isfile(analysis.facts_schema)
    assert analysis.derive.__module__ == analysis_socket_access.__name__


def test_what_neither_takes_is_refused() -> None:
    with pytest.raises(TypeError):
        contributions.probe(sockets.__name__, id="sockets", title="Sockets", shares=20)


def test_a_hook_gives_what_it_was_given() -> None:
    assert contributions.contributes(sockets.PROBES)() is sockets.PROBES
