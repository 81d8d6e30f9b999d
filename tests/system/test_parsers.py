"""Whatever a file holds, its parser gives an answer or says that it has none; and what is written by the book is read back."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.api import Unsupported
from hostcheck.host import LimitExceeded, Nonsense
from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.engines import rootlesskit
from hostcheck_builtin.host import assignments
from hostcheck_builtin.kernel import kernel_config, sysctl_files
from hostcheck_builtin.subids import idmap_programs, subid_settings
from hostcheck_builtin.system import mounting, sharing, units

WORDS = st.lists(st.sampled_from(["--net", "--net=", "-p", "--disable-host-loopback", "true", "maybe", "--", "-", "x", "--new", "=", "\udcff", ""]), max_size=6)
INI = st.lists(st.sampled_from(["[Socket]", "[Unit]", "ListenStream", "=", "/srv/a", "\\", "#", ";", " ", "\n", "\r", "\0", "[", "]"]), max_size=20).map(
    "".join
)
NAMES = st.text("ab.*/[{-", min_size=1, max_size=8)


@given(WORDS)
def test_no_command_line_of_rootlesskit_breaks_it(words: list[str]) -> None:
    try:
        told = rootlesskit.options("\0".join(["rootlesskit", *words]).encode("utf-8", "surrogateescape"))
        assert told.keys() == {"network_driver", "port_driver", "host_loopback_disabled"}
    except (Unsupported, Nonsense):
        assert {"--new", "=", "--net=", "maybe", "--disable-host-loopback", "--net", "-p"} & set(words)


@given(st.text(":/\n=abc-@.0servicopuly", max_size=60))
def test_no_control_group_breaks_it(text: str) -> None:
    manager, name = rootlesskit.manager_of(text)
    assert manager in ("none", "system", "user") and (manager == "none" or name.endswith((".service", ".scope")))


@given(INI)
def test_no_unit_file_breaks_it_and_one_written_by_the_book_is_read_back(text: str) -> None:
    assert all(value == value.strip() for value in units.settings(text, "Socket", "ListenStream"))
    whole = f"[Unit]\n{text.replace(chr(92), '').replace('[', '')}\n[Socket]\nListenStream = /srv/b\n"
    assert list(units.settings(whole, "Socket", "ListenStream")) == ["/srv/b"]


@given(st.dictionaries(st.sampled_from(subid_settings.SETTINGS), st.integers(0, 1 << 32), max_size=5), st.text(" \t", min_size=1, max_size=3))
def test_login_defs_are_read_back(values: dict[str, int], blanks: str) -> None:
    text = "".join(f"{name}{blanks}{value}{blanks}\n" for name, value in values.items())
    assert subid_settings.login_defs(MemoryHost({"/etc/login.defs": f"# x\n{text}"})) == {"values": values, "malformed": {}}


@given(st.text(max_size=60))
def test_no_nsswitch_breaks_the_source_of_subids(text: str) -> None:
    name, _ = subid_settings.named(f"subid:{text}")
    assert not set(name) & set(" \t\n")


@given(NAMES)
def test_a_name_of_a_setting_means_a_path_which_means_itself(name: str) -> None:
    path = sysctl_files.path_of(name)
    assert sysctl_files.path_of(path) == path
    assert sorted(path.replace("/", ".")) == sorted(name.replace("/", "."))


@given(st.lists(st.tuples(NAMES, st.text("01 =x", max_size=4)), max_size=4), st.text("\r\0\n# ;-=ab.", max_size=12))
def test_no_sysctl_file_breaks_it(lines: list[tuple[str, str]], rest: str) -> None:
    text = "".join(f"{name} = {value}\n" for name, value in lines) + rest
    try:
        found = sysctl_files.assignments("/x", text, frozenset({"a/b"}))
    except (Nonsense, LimitExceeded):
        return
    assert all(one.key == "a/b" or sysctl_files.GLOB & set(one.key) for one in found)
    assert [one.line for one in found] == sorted({one.line for one in found})


@given(st.integers(-(1 << 63), (1 << 64) - 1))
def test_a_number_is_one_in_every_base(number: int) -> None:
    sign, size = "-" if number < 0 else "", abs(number)
    assert sysctl_files.as_written(f"{sign}0x{size:x} {sign}0{size:o} {number}") == [number] * 3


@given(st.text("ab \"'\\$`=", max_size=20))
def test_what_is_quoted_for_a_shell_is_read_back(text: str) -> None:
    escaped = "".join(f"\\{char}" if char in assignments.ESCAPED else char for char in text)
    assert assignments.unquoted(f'"{escaped}"') == text
    assert assignments.unquoted(f"'{text}'") == (None if "'" in text else text)


@given(st.text(max_size=60))
def test_no_os_release_breaks_it(text: str) -> None:
    assert set(assignments.os_release(MemoryHost({"/etc/os-release": text.encode("utf-8", "surrogatepass")}))) <= {
        name.lower() for name in assignments.OS_FIELDS
    }


@given(st.dictionaries(st.sampled_from(kernel_config.OPTIONS), st.sampled_from("ymn"), max_size=6), st.text(max_size=20))
def test_a_configuration_is_read_back(options: dict[str, str], rest: str) -> None:
    text = "".join(f"CONFIG_{name}={value}\n" for name, value in options.items()) + f"#{rest}"
    wanted = {f"CONFIG_{name}": options.get(name, "n") for name in kernel_config.OPTIONS}
    if "\nCONFIG_" not in rest:
        assert kernel_config.options(text) == kernel_config.options(kernel_config.unpacked(gzip.compress(text.encode("utf-8"))).decode()) == wanted


@given(st.binary(max_size=60))
def test_what_is_not_packed_is_nonsense(packed: bytes) -> None:
    with pytest.raises(Nonsense):
        kernel_config.unpacked(packed)


@given(st.sets(st.integers(0, 63)))
def test_the_names_of_capabilities_are_those_of_the_bits(bits: set[int]) -> None:
    told = idmap_programs.names(sum(1 << bit for bit in bits))
    assert [idmap_programs.CAPABILITIES.index(name[4:]) if not name[4:].isdigit() else int(name[4:]) for name in told] == sorted(bits)


@given(st.text("ab \t\n\\01", min_size=1, max_size=10).map(lambda name: f"/{name}"))
def test_a_mount_point_as_the_kernel_escapes_it_is_read_back(point: str) -> None:
    escaped = "".join(f"\\{ord(char):03o}" if char in " \t\n\\" else char for char in point)
    (one,) = mounting.table(MemoryHost({mounting.TABLE: f"40 27 0:40 / {escaped} rw,nosuid shared:1 - virtiofs m rw\n"}))
    assert (one.point, one.options) == (point, ("rw", "nosuid"))
    assert list(sharing.mounted(MemoryHost({sharing.TABLE: f"40 27 0:40 / {escaped} rw - virtiofs m rw\n"}))) == [point]


@given(st.text("0123456789 :/-\nabrw,\\", max_size=60))
def test_no_mount_table_breaks_it(text: str) -> None:
    host = MemoryHost({mounting.TABLE: text})
    for read in (mounting.table, sharing.mounted):
        try:
            read(host)
        except Nonsense:
            pass
