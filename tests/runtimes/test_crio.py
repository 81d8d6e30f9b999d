"""CRI-O is not in Debian: what its files mean is by its source (pkg/config/config.go of 1.36), and by hand."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from runtimes.runtime_host import facts, why

CONF = "/etc/crio/crio.conf"
FOLDER = "/etc/crio/crio.conf.d"
CRIO = {"/usr/bin/crio": ""}


def read(files: dict[str, Any], *commands: tuple[str, ...]) -> dict[str, Any]:
    return facts({**CRIO, **files}, *commands)


def test_a_host_without_it_has_nothing_to_state() -> None:
    found = facts({CONF: "[crio.runtime]\nselinux = false\n"})
    assert (found["crio"], found["pods"]) == ({}, {})


def test_where_nothing_is_said_the_defaults_hold_or_depend_on_its_version() -> None:
    found = read({})
    assert found["crio"] == {CONF: {"there": True, "running": False, "files": [], "listen": "/var/run/crio/crio.sock"}}
    pods = found["pods"][CONF]
    assert (pods["apparmor"], why(pods["selinux"]["off"])[:11]) == ({"off": False, "set_in": ""}, "unsupported")
    assert found["nri"][CONF]["served"] == "by version"
    assert {key: one["without_host_devices"] for key, one in found["handlers"].items()} == {f"{CONF} default": False}


def test_later_files_change_only_the_keys_that_they_have() -> None:
    files = {
        CONF: '[crio.runtime]\nselinux = true\napparmor_profile = "unconfined"\n',
        f"{FOLDER}/10-a.conf": "[crio.runtime]\nselinux = false\n",
        f"{FOLDER}/20-b/z.txt": "[crio.nri]\nenable_nri = true\n",
        f"{FOLDER}/05-c": "[crio.runtime]\nselinux = true\n",
    }
    found = read(files)
    assert found["crio"][CONF]["files"] == [CONF, f"{FOLDER}/05-c", f"{FOLDER}/10-a.conf", f"{FOLDER}/20-b/z.txt"]
    assert found["pods"][CONF]["selinux"] == {"off": True, "set_in": f"{FOLDER}/10-a.conf"}
    assert found["pods"][CONF]["apparmor"] == {"off": True, "set_in": CONF}
    assert found["nri"][CONF]["served"] == "yes"


def test_a_runtime_is_replaced_as_a_whole() -> None:
    name = "privileged_without_host_devices"
    files = {CONF: f"[crio.runtime.runtimes.crun]\n{name} = true\n", f"{FOLDER}/1": '[crio.runtime.runtimes.crun]\nruntime_path = "/x"\n'}
    assert read({**files, f"{FOLDER}/2": '[crio.runtime]\ndefault_runtime = "crun"\n'})["handlers"] == {
        f"{CONF} crun": {
            **{"engine": "crio", "there": True, "serves": True, "name": "crun", "without_host_devices": False},
            **{"all_devices_allowed": False, "set_in": f"{FOLDER}/1"},
        }
    }


@pytest.mark.parametrize(
    ("text", "default"),
    [
        ("[crio.runtime.runtimes.crun]\n{0}true\n[crio.runtime.runtimes.runc]\n{0}true\n", True),
        ("[crio.runtime.runtimes.kata]\n{0}true\n", False),
        ("[crio.runtime.runtimes.crun]\n{0}true\n", None),
        ("[crio.runtime]\ndefault_runtime = 'crun'\n[crio.runtime.runtimes.crun]\n{0}true\n", "named"),
    ],
)
def test_the_runtime_that_it_has_by_itself(text: str, default: Any) -> None:
    found = read({CONF: text.format("privileged_without_host_devices = ")})["handlers"]
    value = found[f"{CONF} default"]["without_host_devices"] if f"{CONF} default" in found else "named"
    assert value == default or (default is None and why(value).startswith("unsupported"))


def test_options_count_more_than_files() -> None:
    files = {"/c": "[crio.runtime]\nselinux = true\n[crio.image]\ninsecure_registries = ['a']\n", "/d/x": "[crio.nri]\nenable_nri = true\n"}
    found = read(
        files, ("/usr/bin/crio", "-c", "/c", "-d", "/d", "--selinux=false", "--insecure-registry=b,c", "--enable-nri=0", "--apparmor-profile", "unconfined")
    )
    pods = found["pods"]["/c"]
    assert (pods["selinux"], pods["apparmor"]) == ({"off": True, "set_in": "an option"}, {"off": True, "set_in": "an option"})
    assert sorted(one["host"] for one in found["registries"].values()) == ["b", "c"]
    assert (found["nri"]["/c"]["served"], found["crio"]["/c"]["running"]) == ("no", True)


@pytest.mark.parametrize("text", ["[crio", "crio = 1\n", "[crio]\nruntime = 1\n", "[crio.runtime]\nruntimes = 1\n", "[crio.runtime.runtimes]\nx = 1\n"])
def test_what_it_would_not_start_with_is_not_known(text: str) -> None:
    found = read({f"{FOLDER}/1": text})
    assert why(found["pods"][CONF]["selinux"]).startswith(f"nonsense: {FOLDER}/1")
    assert why(found["registries"].hole).startswith("nonsense") and why(found["crio"][CONF]["files" if text == "[crio" else "listen"]).startswith("nonsense")


def test_a_value_of_the_wrong_type_is_not_known() -> None:
    found = read({CONF: '[crio.runtime]\nselinux = "no"\n[crio.image]\ninsecure_registries = [1]\n'})
    assert why(found["pods"][CONF]["selinux"]["off"]).startswith("nonsense") and why(found["registries"].hole).startswith("nonsense")


def test_drop_ins_are_bounded() -> None:
    found = read({f"{FOLDER}/{number}": "" for number in range(200)})
    assert why(found["crio"][CONF]["files"]).startswith("limit")
    deep = "/".join(f"d{number}" for number in range(12))
    assert why(read({f"{FOLDER}/{deep}/x": ""})["crio"][CONF]["files"]).startswith("limit")


VALUE = st.sampled_from([None, True, False])


@given(st.lists(VALUE, min_size=1, max_size=6))
def test_the_last_file_that_says_it_counts(values: list[bool | None]) -> None:
    texts = ["" if value is None else f"[crio.runtime]\nselinux = {str(value).lower()}\n" for value in values]
    found = read({f"{FOLDER}/{number}.conf": text for number, text in enumerate(texts)})["pods"][CONF]["selinux"]["off"]
    said = [value for value in values if value is not None]
    assert found == (not said[-1]) if said else why(found).startswith("unsupported")
