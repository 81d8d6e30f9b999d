"""Which registries count: by prefix, over drop-ins, in both versions of the file."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from podman.in_memory import Directory

from hostcheck.host import LimitExceeded, Nonsense
from hostcheck_builtin.podman.registries_conf import MOST, merged, read, stated

MAIN, ONE, TWO = "/etc/containers/registries.conf", "/etc/containers/registries.conf.d/1.conf", "/etc/containers/registries.conf.d/2.conf"
INSECURE = '[[registry]]\nlocation="reg.example.org"\ninsecure=true\n'


def told(main: str | None, *drop_ins: tuple[str, str]) -> dict[str, Any]:
    return stated(merged(None if main is None else (MAIN, main.encode()), ((path, text.encode()) for path, text in drop_ins)))


def registry(location: str, file: str, *, insecure: bool = False, blocked: bool = False, mirrors: dict[str, bool] | None = None) -> dict[str, Any]:
    return {"location": location, "insecure": insecure, "blocked": blocked, "mirrors": mirrors or {}, "file": file}


def test_nothing_is_podmans_default() -> None:
    assert told(None) == {"files": [], "registries": {}, "search": [], "search_file": "", "short_name_mode": "permissive", "short_name_file": ""}


def test_a_drop_in_replaces_a_registry_as_a_whole() -> None:
    assert told(INSECURE)["registries"] == {"reg.example.org": registry("reg.example.org", MAIN, insecure=True)}
    assert told(INSECURE, (ONE, '[[registry]]\nlocation="reg.example.org/"\n'))["registries"] == {"reg.example.org": registry("reg.example.org", ONE)}


def test_the_first_of_a_prefix_in_one_file_counts() -> None:
    twice = '[[registry]]\nprefix="x.org"\nlocation="a.org"\n[[registry]]\nprefix="x.org"\nlocation="b.org"\ninsecure=true\n'
    assert told(twice)["registries"] == {"x.org": registry("a.org", MAIN)}


def test_mirrors_and_wildcards() -> None:
    text = '[[registry]]\nprefix="*.example.org"\nblocked=true\n[[registry.mirror]]\nlocation="m.org"\ninsecure=true\n[[registry.mirror]]\nlocation="n.org"'
    assert told(text)["registries"] == {"*.example.org": registry("*.example.org", MAIN, blocked=True, mirrors={"m.org": True, "n.org": False})}


def test_what_is_searched_and_how() -> None:
    main = 'unqualified-search-registries=["a.org","b.org"]\nshort-name-mode="enforcing"\n'
    found = told(main, (ONE, "unqualified-search-registries=[]\n"), (TWO, 'Short-Name-Mode="disabled"\n'))
    assert found["search"] == [] and found["search_file"] == ONE and found["short_name_mode"] == "disabled" and found["short_name_file"] == TWO


def test_version_1() -> None:
    text = '[registries.search]\nregistries=["a.org"]\n[registries.insecure]\nregistries=["b.org/"]\n[registries.block]\nregistries=["b.org","c.org"]\n'
    found = told(text)
    assert found["registries"] == {"b.org": registry("b.org", MAIN, insecure=True, blocked=True), "c.org": registry("c.org", MAIN, blocked=True)}
    assert (found["search"], found["search_file"]) == (["a.org"], MAIN)
    for refused in ((INSECURE + text, ()), ("", ((ONE, text),)), (None, ((ONE, text),))):
        with pytest.raises(Nonsense, match="version 1"):
            told(refused[0], *refused[1])


@pytest.mark.parametrize(
    "text", ["[[registry]]\ninsecure=true\n", 'short-name-mode="secret"\n', '[[registry]]\nlocation="a"\ninsecure="secret"\n', "registry=1\n"]
)
def test_what_podman_would_not_pull_with(text: str) -> None:
    with pytest.raises(Nonsense) as raised:
        told(text)
    assert MAIN in str(raised.value) and "secret" not in str(raised.value)


def test_a_login_is_not_told() -> None:
    found = told(
        'unqualified-search-registries=["ann:secret@b.org"]\n[[registry]]\nlocation="ann:secret@a.org"\n[[registry.mirror]]\nlocation="secret@m.org"\n'
    )
    assert "secret" not in str(found) and list(found["registries"]) == ["a.org"]


def test_too_many_are_a_limit() -> None:
    with pytest.raises(LimitExceeded):
        told("".join(f'[[registry]]\nlocation="r{number}.org"\n' for number in range(MOST + 1)))


def test_a_file_in_the_home_takes_the_place_of_those_of_the_system() -> None:
    system = Directory("/etc/containers", {"registries.conf": INSECURE, "registries.conf.d/1.conf": 'short-name-mode="enforcing"\n'})
    drop_in = Directory("/root/.config/containers", {"registries.conf.d/2.conf": '[[registry]]\nlocation="own.org"\ninsecure=true\n'})
    assert list(stated(read(system, drop_in))["registries"]) == ["reg.example.org", "own.org"]
    mine = Directory("/root/.config/containers", {"registries.conf": "", **drop_in.files})
    found = stated(read(system, mine))
    assert list(found["registries"]) == ["own.org"] and found["short_name_mode"] == "permissive"
    assert found["files"] == ["/root/.config/containers/registries.conf", "/root/.config/containers/registries.conf.d/2.conf"]
    assert list(stated(read(system, drop_in), lambda path: path.startswith(drop_in.path))["registries"]) == ["own.org"]
    assert list(stated(read(system, None))["registries"]) == ["reg.example.org"]


@given(st.lists(st.dictionaries(st.sampled_from(["a.org", "b.org", "c.org"]), st.booleans()), max_size=5))
def test_a_simple_model_agrees(files: list[dict[str, bool]]) -> None:
    wanted: dict[str, bool] = {}
    texts = []
    for number, registries in enumerate(files):
        wanted |= registries
        texts.append((f"/f{number}", "".join(f'[[registry]]\nlocation="{name}"\ninsecure={str(flag).lower()}\n' for name, flag in registries.items())))
    assert {name: one["insecure"] for name, one in told(None, *texts)["registries"].items()} == wanted
