"""Which file decides a setting: later ones win, lists are replaced or added to, and a simple model agrees for any files."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host import LimitExceeded, Nonsense
from hostcheck_builtin.podman.containers_conf import BUILT_IN, MOST, merged, stated

A, B, C = "/usr/share/containers/containers.conf", "/etc/containers/containers.conf", "/root/.config/containers/containers.conf"
CAPABILITIES = "containers.default_capabilities"
OWN = [{"value": name, "file": ""} for name in BUILT_IN[CAPABILITIES]]


def told(*files: tuple[str, str], own: str = "/") -> dict[str, Any]:
    return stated(merged((path, text.encode()) for path, text in files), *([] if own == "/" else [lambda path: path.startswith(f"{own}/")]))


def test_nothing_is_set_by_nothing() -> None:
    assert told() == {"files": [], "settings": {}, "lists": {}}


def test_the_last_file_that_sets_a_thing_decides() -> None:
    found = told((A, '[containers]\npidns="host"\nutsns="host"\n'), (B, '[containers]\npidns="private"\n[engine]\nno_pivot_root=true'), (C, ""))
    assert found == {
        "files": [A, B, C],
        "settings": {
            "containers.pidns": {"value": "private", "file": B},
            "containers.utsns": {"value": "host", "file": A},
            "engine.no_pivot_root": {"value": True, "file": B},
        },
        "lists": {},
    }


def test_a_list_takes_the_place_of_the_one_before() -> None:
    found = told((A, '[containers]\ndefault_capabilities=["chown"]\n'), (B, '[containers]\ndefault_capabilities=["cap_net_raw","SYS_ADMIN"]\n'))
    assert found["lists"] == {CAPABILITIES: [{"value": "CAP_NET_RAW", "file": B}, {"value": "CAP_SYS_ADMIN", "file": B}]}


def test_append_adds_to_podmans_own_and_stays_on() -> None:
    found = told((A, '[containers]\ndefault_capabilities=["SYS_ADMIN", {append=true}]\n'), (B, '[containers]\ndefault_capabilities=["NET_RAW"]\n'))
    assert found["lists"][CAPABILITIES] == [*OWN, {"value": "CAP_SYS_ADMIN", "file": A}, {"value": "CAP_NET_RAW", "file": B}]
    off = told(
        (A, '[containers]\ndefault_capabilities=["SYS_ADMIN", {append=true}]\n'), (B, '[containers]\ndefault_capabilities=[{append=false}, "NET_RAW"]\n')
    )
    assert off["lists"][CAPABILITIES] == [{"value": "CAP_NET_RAW", "file": B}]


def test_append_of_one_list_is_not_that_of_another() -> None:
    found = told(
        (A, '[containers]\nvolumes=["/a:/a",{append=true}]\ndevices=["/dev/null"]'), (B, '[containers]\nvolumes=["/b:/b:ro"]\ndevices=["/dev/zero:/dev/x:rw"]')
    )
    assert found["lists"]["containers.volumes"] == [{"value": "/a:/a", "file": A}, {"value": "/b:/b", "file": B}]
    assert found["lists"]["containers.devices"] == [{"value": "/dev/zero:/dev/x", "file": B}]


def test_options_of_a_mount_are_not_told() -> None:
    mounts = '[containers]\nmounts=["type=bind,source=/srv,destination=/data,ro", "type=volume,dst=/v,volume-opt=o=password=secret", "type=tmpfs,target=/t"]'
    assert [one["value"] for one in told((B, mounts))["lists"]["containers.mounts"]] == ["/srv:/data", "volume:/v", "tmpfs:/t"]


def test_tables_and_keys_of_any_case_count() -> None:
    assert told((B, "[Containers]\nPrivileged = true\n"))["settings"] == {"containers.privileged": {"value": True, "file": B}}


def test_only_what_a_users_own_files_decide_is_theirs() -> None:
    own = "/home/ann/.config/containers"
    system = (B, '[containers]\npidns="host"\nnetns="host"\ndefault_capabilities=["SYS_ADMIN",{append=true}]\nvolumes=["/a:/a"]\n')
    mine = (f"{own}/containers.conf", '[containers]\nnetns="private"\ndefault_capabilities=["NET_RAW"]\n')
    assert told(system, mine, own=own) == {
        "files": [mine[0]],
        "settings": {"containers.netns": {"value": "private", "file": mine[0]}},
        "lists": {CAPABILITIES: [{"value": "CAP_NET_RAW", "file": mine[0]}]},
    }
    assert told((f"{own}er/x", '[containers]\npidns="host"\n'), own=own)["settings"] == {}


@pytest.mark.parametrize(
    "text",
    [
        "[containers]\npidns=1\n",
        "[containers]\nprivileged='secret'\n",
        "containers='secret'\n",
        "[containers]\nvolumes='secret'\n",
        "[containers]\nvolumes=['secret', {secret=true}]\n",
        "[containers]\nvolumes=['secret', {append=1}]\n",
        "[containers]\nvolumes=['secret', {Append=true}]\n",
        "[containers]\nvolumes=[['secret']]\n",
        "[containers]\npidns='host'\nPIDNS='secret'\n",
    ],
)
def test_what_podman_would_not_start_with_tells_nothing(text: str) -> None:
    with pytest.raises(Nonsense) as raised:
        told((B, text))
    assert B in str(raised.value) and "secret" not in str(raised.value)


def test_a_list_that_is_too_long_is_not_told() -> None:
    with pytest.raises(LimitExceeded):
        told((B, f"[containers]\nvolumes={['/a'] * (MOST + 1)}\n"))
    with pytest.raises(LimitExceeded):
        told((B, f"[containers]\npidns='{'x' * 2000}'\n"))


Items = st.lists(st.sampled_from(["/a", "/b", "/c"]), max_size=3)
FILES = st.lists(st.tuples(Items | st.none(), st.sampled_from([None, True, False]), st.sampled_from([None, "host", "private", ""])), max_size=6)


@given(FILES)
def test_a_simple_model_agrees(files: list[tuple[list[str] | None, bool | None, str | None]]) -> None:
    texts, values, appends, scalar = [], list[str](), False, None
    for items, append, pidns in files:
        text = "[containers]\n"
        if items is not None:
            written = [repr(one) for one in items] + ([f"{{append={str(append).lower()}}}"] if append is not None else [])
            text += f"volumes=[{', '.join(written)}]\n"
            appends = appends if append is None else append
            values = [*values, *items] if appends else items
        if pidns is not None:
            text, scalar = f"{text}pidns='{pidns}'\n", pidns
        texts.append(text)
    found = told(*((f"/f{number}", text) for number, text in enumerate(texts)))
    assert [one["value"] for one in found["lists"].get("containers.volumes", [])] == values
    assert found["settings"].get("containers.pidns", {"value": None})["value"] == scalar
