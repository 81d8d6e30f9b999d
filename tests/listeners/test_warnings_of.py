"""What dockerd warns of, in the words of the versions that we have, and its plugins."""

from typing import Any

import pytest
from engines.engine_host import body
from hypothesis import given
from hypothesis import strategies as st
from listeners.remote_facts import DENIED, DOCKER, HTTP, HTTPS, dockerd, facts

from hostcheck.api import View
from hostcheck.model import HoleError, incomplete
from hostcheck_builtin.engines import api_answers
from hostcheck_builtin.listeners.warnings_of import Warned, plugins, warned

TEXT = st.text(max_size=40) | st.sampled_from([HTTP.format("0.0.0.0:2375"), HTTPS.format("[::]:1")])


def told(*warnings: str, **more: Any) -> Any:
    return View(facts(sockets={DOCKER: {**dockerd(*warnings), **more}}))


def test_what_a_real_dockerd_says() -> None:
    info = api_answers.info(api_answers.parse(body("dockerd-tcp-plain-info")))
    assert warned(told(*info["warnings"])) == [Warned(name="127.0.0.1:23750", port=23750, tls="none", pid=9)]


@pytest.mark.parametrize(
    ("text", "name", "tls"),
    [
        (HTTPS.format("[::]:2376"), "[::]:2376", "server"),
        ("WARNING: API is accessible on http://0.0.0.0:2375 without encryption.", "0.0.0.0:2375", "none"),
        (HTTP.format("engine.example.org:2375"), "engine.example.org:2375", "none"),
    ],
)
def test_each_warning(text: str, name: str, tls: str) -> None:
    (one,) = warned(told(text))
    assert (one.name, one.tls) == (name, tls)


@pytest.mark.parametrize("text", ["No swap limit support", HTTP.format("0.0.0.0"), HTTP.format("a/b:1"), "http://0.0.0.0:2375"])
def test_other_texts(text: str) -> None:
    assert warned(told(text)) == []


@given(st.lists(TEXT, max_size=4))
def test_no_text_breaks_it(texts: list[str]) -> None:
    assert {one.name for one in warned(told(*texts))} <= {"0.0.0.0:2375", "[::]:1"}


def test_an_engine_that_was_not_asked_or_does_not_say() -> None:
    asked = dockerd(HTTP.format("0.0.0.0:2375"))
    assert warned(told(**{"info": DENIED})) == []
    silent = {key: value for key, value in asked.items() if key != "info"}
    assert warned(View(facts(sockets={DOCKER: silent}))) == []
    assert [one.name for one in warned(View(facts(sockets=incomplete({DOCKER: asked, "/run/b.sock": DENIED}, DENIED))))] == ["0.0.0.0:2375"]


def test_a_pid_that_is_not_known_is_any() -> None:
    (one,) = warned(View({**facts(sockets={DOCKER: dockerd(HTTP.format("0.0.0.0:2375"))}), "sockets": DENIED}))
    assert one.pid == 0


def test_plugins() -> None:
    assert plugins(View(facts(sockets={DOCKER: dockerd(plugins=["opa"]), "/run/b.sock": dockerd(plugins=["opa"])}))) == ["opa"]
    for sockets in ({}, {DOCKER: dockerd(uid=1000)}, {DOCKER: dockerd(plugins=["opa"]), "/run/b.sock": dockerd()}, {DOCKER: DENIED}):
        with pytest.raises(HoleError):
            plugins(View(facts(sockets=sockets)))
