"""Whatever a unit file holds, it is read or says nothing; and one that is written by the book is read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host import Nonsense
from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.system import units

INI = st.lists(st.sampled_from(["[Socket]", "[Unit]", "ListenStream", "=", "/srv/a", "\\", "#", ";", " ", "\n", "\r", "\0", "[", "]"]), max_size=20).map(
    "".join
)


@given(INI)
def test_no_unit_file_breaks_it_and_one_written_by_the_book_is_read_back(text: str) -> None:
    assert all(value == value.strip() for value in units.settings(text, "Socket", "ListenStream"))
    whole = f"[Unit]\n{text.replace(chr(92), '').replace('[', '')}\n[Socket]\nListenStream = /srv/b\n"
    assert list(units.settings(whole, "Socket", "ListenStream")) == ["/srv/b"]


OWN, SHIPPED = "/etc/systemd/system/x.service", "/usr/lib/systemd/system/x.service"
AS_ANN = "[Service]\nUser=ann\n"


def user(files: dict[str, str], **more: dict[str, str]) -> str:
    return units.last_setting(MemoryHost(files, **more), "x.service", "Service", "User")


@pytest.mark.parametrize("text", ["\ufeff" + AS_ANN, "# a note\n\ufeff" + AS_ANN])
def test_a_byte_order_mark_hides_no_section(text: str) -> None:
    assert user({OWN: text}) == "ann"
    assert user({OWN: "\ufeff\ufeff" + AS_ANN}) == ""  # systemd takes one away


def test_what_is_no_file_is_no_unit() -> None:
    assert user({f"{OWN}/x": ""}) == "" and user({}, links={OWN: OWN}) == ""
    assert user({f"{OWN}/x": "", SHIPPED: AS_ANN}) == "ann"
    assert user({SHIPPED: AS_ANN}, links={OWN: OWN}) == "ann"
    assert user({SHIPPED: AS_ANN}, links={OWN: "/dev/null"}) == "" and user({SHIPPED: AS_ANN}, links={f"{OWN}.d": f"{OWN}.d"}) == "ann"
    assert user({SHIPPED: AS_ANN, f"{OWN}.d/a.conf/x": ""}) == "ann"
    assert units.socket_units(MemoryHost({"/etc/systemd/system/x.socket/x": ""}, links={"/etc/systemd/system/y.socket": "y.socket"})) == {}


@pytest.mark.parametrize("error", [PermissionError(13, "no"), Nonsense("garbled"), OSError(5, "Input/output error")])
def test_a_unit_that_cannot_be_read_is_not_known(error: Exception) -> None:
    with pytest.raises((OSError, Nonsense)):
        user({OWN: error, SHIPPED: AS_ANN})  # type: ignore[dict-item]


def test_which_file_of_a_unit_counts_and_where_its_drop_ins_are() -> None:
    host = MemoryHost(
        {
            "/usr/lib/systemd/system/a-b.service": "[Service]",
            "/etc/systemd/system/a-b.service.d/x.conf": "",
            "/etc/systemd/system/a-.service.d/x.conf": "",
            "/run/systemd/system/service.d/y.conf": "",
            "/etc/systemd/system/other.service.d/y.conf": "",
        }
    )
    folders = ["/etc/systemd/system/a-b.service.d", "/etc/systemd/system/a-.service.d", "/run/systemd/system/service.d"]
    assert units.files(host, "a-b.service", units.listed(host)) == ("/usr/lib/systemd/system/a-b.service", folders)
    assert units.files(host, "c.service", units.listed(host))[0] == ""


def test_the_template_counts_for_an_instance_without_a_file() -> None:
    host = MemoryHost({"/usr/lib/systemd/system/a@.service": "[Service]", "/etc/systemd/system/a@b.service": "[Service]"})
    assert units.files(host, "a@b.service", units.listed(host))[0] == "/etc/systemd/system/a@b.service"
    assert units.files(host, "a@c.service", units.listed(host))[0] == "/usr/lib/systemd/system/a@.service"
