from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runtimes.runtime_host import CRI, MAIN, why

from hostcheck.api import Hole, HoleError, Nonsense
from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.runtimes import containerd_files, containerd_readings
from hostcheck_builtin.runtimes.toml_files import ToldValue

RUNTIME = "io.containerd.cri.v1.runtime"
IMAGES = "io.containerd.cri.v1.images"


def read(files: dict[str, str]) -> dict[tuple[str, ...], ToldValue]:
    return containerd_readings.settings(containerd_files.load(MemoryHost(files), MAIN))


def values(text: str, *keys: tuple[str, ...]) -> list[Any]:
    found = read({MAIN: text})
    return [found[key].value if key in found else None for key in keys]


APPARMOR, SELINUX, SERVES = ("cri", "disable_apparmor"), ("cri", "enable_selinux"), ("cri", "serves")
DISABLED = ("nri", "disable")


def test_without_a_file_the_defaults_hold() -> None:
    found = read({})
    assert containerd_files.load(MemoryHost(), MAIN) == []
    assert found["grpc", "address"] == ToldValue("/run/containerd/containerd.sock")
    assert (found["grpc", "gid"], found["cri", "serves"], found["cri", "disable_apparmor"]) == (ToldValue(0), ToldValue(True), ToldValue(False))
    assert found["nri", "disable"] == ToldValue(None)


def test_each_value_names_the_file_that_says_it() -> None:
    found = read({MAIN: 'version = 2\nimports = ["d/*.toml"]\n[grpc]\nuid = 5\ngid = 6\n', "/etc/containerd/d/a.toml": "[grpc]\ngid = 7\nuid = 0\n"})
    assert (found["grpc", "gid"], found["grpc", "uid"]) == (ToldValue(7, "/etc/containerd/d/a.toml"), ToldValue(5, MAIN))
    assert (found["ttrpc", "gid"], found["ttrpc", "uid"]) == (found["grpc", "gid"], found["grpc", "uid"])


def test_the_second_socket_has_the_group_of_the_first_unless_it_has_an_address() -> None:
    assert values('[grpc]\ngid = 5\n[ttrpc]\naddress = "/t"\ngid = 3\n', ("ttrpc", "gid")) == [3]
    (gid,) = values("[grpc]\ngid = 5\n[ttrpc]\ngid = 3\n", ("ttrpc", "gid"))
    assert why(gid).startswith("unsupported")  # containerd 1 takes that of the first all the same


def test_of_a_name_in_several_letters_the_last_counts_for_containerd_2() -> None:
    assert values("[grpc]\nGid = 3\nGID = 4\n", ("grpc", "gid")) == [4]
    assert why(values("[grpc]\nGID = 4\nGid = 3\n", ("grpc", "gid"))[0]).startswith("unsupported")


def test_version_3_and_4_have_other_tables() -> None:
    three = f'version = 3\n[plugins."{RUNTIME}"]\ndisable_apparmor = true\n[plugins."{CRI}"]\nenable_selinux = true\n'
    assert values(three, APPARMOR, SELINUX, DISABLED) == [True, False, False]
    four = 'version = 4\n[plugins."io.containerd.server.v1.grpc"]\ngid = 9\n[plugins."io.containerd.server.v1.grpc-tcp"]\naddress = "0.0.0.0:1"\n'
    assert values(four, ("grpc", "gid"), ("grpc", "tcp_address"), ("ttrpc", "gid")) == [9, "0.0.0.0:1", 9]
    images = f'version = 3\n[plugins."{IMAGES}".registry]\nconfig_path = "/c"\n[plugins."{RUNTIME}".containerd.runtimes.kata]\nruntime_type = "x"\n'
    key = "privileged_without_host_devices"
    assert values(images, ("cri", "config_path"), ("handler", "kata", key), ("handler", "runc", key)) == ["/c", False, False]


def test_a_later_file_of_version_3_adds_keys_to_a_table() -> None:
    found = read(
        {
            MAIN: f'version = 3\nimports = ["b.toml"]\n[plugins."{RUNTIME}"]\ndisable_apparmor = true\nenable_selinux = true\n',
            "/etc/containerd/b.toml": f'version = 3\n[plugins."{RUNTIME}"]\nenable_selinux = false\n',
        }
    )
    assert (found["cri", "disable_apparmor"].value, found["cri", "enable_selinux"].value) == (True, False)


def test_an_older_import_makes_the_whole_readable_for_containerd_1() -> None:
    """Which takes the version of the last file for all, and so passes over the table of version 3."""
    main = f'version = 3\nimports = ["b.toml"]\n[plugins."{RUNTIME}"]\ndisable_apparmor = true\n'
    assert why(read({MAIN: main, "/etc/containerd/b.toml": "version = 2\n"})[APPARMOR].value).startswith("unsupported")


def test_before_2_3_what_a_file_of_version_1_says_of_pods_is_lost() -> None:
    assert why(values("[plugins.cri]\nenable_selinux = true\n", SELINUX)[0]).startswith("unsupported")
    assert values("[plugins.cri]\nenable_selinux = false\n", SELINUX) == [False]


def test_before_2_3_a_newer_import_makes_the_older_tables_be_passed_over() -> None:
    main = f'version = 2\nimports = ["b.toml"]\n[plugins."{CRI}"]\ndisable_apparmor = true\n'
    found = read({MAIN: main, "/etc/containerd/b.toml": "version = 3\n"})
    assert why(found[APPARMOR].value).startswith("unsupported")
    alike = read({MAIN: main, "/etc/containerd/b.toml": f'version = 3\n[plugins."{RUNTIME}"]\ndisable_apparmor = true\n'})
    assert alike[APPARMOR].value is True


def test_before_2_3_a_newer_table_counts_more_than_a_later_older_one() -> None:
    main = f'version = 2\nimports = ["b.toml"]\n[plugins."{RUNTIME}"]\ndisable_apparmor = true\n'
    found = read({MAIN: main, "/etc/containerd/b.toml": f'version = 2\n[plugins."{CRI}"]\ndisable_apparmor = false\n'})
    assert why(found[APPARMOR].value).startswith("unsupported")


def test_tables_of_version_4_are_for_2_3_alone() -> None:
    text = 'version = 3\n[plugins."io.containerd.server.v1.grpc"]\ngid = 9\n'
    assert why(values(text, ("grpc", "gid"))[0]).startswith("unsupported")


@pytest.mark.parametrize(
    ("text", "serves"),
    [
        ('disabled_plugins = ["cri"]\n', False),
        (f'version = 2\ndisabled_plugins = ["{CRI}"]\n', False),
        (f'version = 3\ndisabled_plugins = ["{CRI}"]\n', False),
        (f'version = 3\ndisabled_plugins = ["{RUNTIME}"]\n', False),
        ('version = 2\ndisabled_plugins = ["io.containerd.snapshotter.v1.aufs"]\n', True),
    ],
)
def test_whether_pods_are_served(text: str, serves: bool) -> None:
    assert values(text, SERVES) == [serves]


def test_the_long_name_in_version_1_is_taken_by_containerd_2_alone() -> None:
    assert why(values(f'disabled_plugins = ["{CRI}"]\n', SERVES)[0]).startswith("unsupported: cri.serves: versions of containerd differ")


@pytest.mark.parametrize(
    "text", ["version = 5\n", 'version = "2"\n', "plugins = 1\n", f'version = 2\n[plugins]\n"{CRI}" = 1\n', "imports = [1]\n", "disabled_plugins = 1\n"]
)
def test_what_no_containerd_starts_with(text: str) -> None:
    with pytest.raises((HoleError, Nonsense)) as refused:
        read({MAIN: text})
    assert MAIN in str(refused.value)


def test_the_login_of_a_registry_is_in_no_hole() -> None:
    found = read({MAIN: f'version = 2\n[plugins."{CRI}".registry.configs."me:hunter2@reg".tls]\ninsecure_skip_verify = 1\n'})
    holes = [one.value for one in found.values() if isinstance(one.value, Hole)]
    assert holes and not any("hunter2" in hole.message for hole in holes)


FILE = st.fixed_dictionaries(
    {},
    optional={
        "gid": st.integers(0, 3),
        "cri": st.fixed_dictionaries({}, optional={"disable_apparmor": st.booleans(), "enable_selinux": st.booleans()}),
        "nri": st.fixed_dictionaries({}, optional={"disable": st.booleans()}),
    },
)


def written(number: int, one: dict[str, Any], more: bool) -> str:
    lines = ["version = 2", *([f'imports = ["{number + 1}.toml"]'] if more else [])]
    lines += ["[grpc]", f"gid = {one['gid']}"] if "gid" in one else []
    for name, table in ((CRI, one.get("cri")), ("io.containerd.nri.v1.nri", one.get("nri"))):
        lines += [f'[plugins."{name}"]', *(f"{key} = {str(value).lower()}" for key, value in table.items())] if table is not None else []
    return "\n".join(lines) + "\n"


@settings(max_examples=300)
@given(st.lists(FILE, min_size=1, max_size=4))
def test_merging_is_that_of_a_simple_model(files: list[dict[str, Any]]) -> None:
    """Containerd 1 takes the last table of a plugin, 2 the last of each key; of numbers at the top both take the last that is not 0."""
    texts = {MAIN if number == 0 else f"/etc/containerd/{number}.toml": written(number, one, number + 1 < len(files)) for number, one in enumerate(files)}
    found = read(texts)
    assert found["grpc", "gid"].value == ([one["gid"] for one in files if one.get("gid")] or [0])[-1]
    for part, key, defaults in (("cri", "disable_apparmor", (False, False)), ("cri", "enable_selinux", (False, False)), ("nri", "disable", (True, False))):
        tables = [one[part] for one in files if part in one]
        first = tables[-1].get(key, defaults[0]) if tables else defaults[0]
        second = {name: value for table in tables for name, value in table.items()}.get(key, defaults[1])
        value = found[part, key].value
        unsaid = part == "nri" and not any(key in one.get(part, {}) for one in files)
        assert value == (None if unsaid else first) if first == second or unsaid else why(value).startswith("unsupported")


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=300)
HOSTILE = st.recursive(
    st.one_of(st.booleans(), st.integers(-(1 << 80), 1 << 80), st.text(max_size=20)), lambda inner: st.dictionaries(NAMES, inner, max_size=3), max_leaves=12
)


@settings(max_examples=200)
@given(st.dictionaries(st.sampled_from(["version", "imports", "grpc", "GRPC", "debug", "plugins", "disabled_plugins", "x"]), HOSTILE, max_size=5), HOSTILE)
def test_any_document_gives_settings_or_one_reason(document: dict[str, Any], plugin: Any) -> None:
    files = [(MAIN, {**document, **({"plugins": {CRI: plugin, "cri": plugin}} if isinstance(document.get("plugins"), dict) else {})})]
    try:
        found = containerd_readings.settings(files)
    except (HoleError, Nonsense):
        return
    assert {("grpc", "gid"), ("cri", "serves"), ("nri", "disable")} <= found.keys()


def test_deep_and_long_files_are_read_in_time() -> None:
    deep = "[" + ".".join("a" * 500) + "]\nx = 1\n" + "".join(f"[plugins.p{number}]\n" for number in range(20000))
    found = read({MAIN: deep})
    assert found["grpc", "gid"].value == 0
