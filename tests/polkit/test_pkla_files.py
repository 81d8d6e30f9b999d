import pytest
from hypothesis import given
from hypothesis import strategies as st
from polkit.polkit_host import EXEC, UNITS

from hostcheck.host import Nonsense
from hostcheck_builtin.polkit.pkla_files import administrators, entries, order

ENTRY = "# x\n[Let staff]\nIdentity=unix-group:staff;unix-user:ann\nAction=org.freedesktop.policykit.*;x\nResultAny=no\nResultActive=yes\n"


def test_users_count_before_groups() -> None:
    found = entries("/a.pkla", ENTRY, EXEC)
    assert {key: [(sorted(map(sorted, one.when)), one.result) for one in outcomes] for key, outcomes in found.items()} == {
        "2": [([["active", "local", "user:ann"]], "yes"), ([["!local", "user:ann"]], "no")],
        "2#": [([["active", "group:staff", "local"]], "yes"), ([["!local", "group:staff"]], "no")],
    }
    assert entries("/a.pkla", ENTRY, UNITS) == {}


@pytest.mark.parametrize(("name", "when"), [("unix-user:*", [["!local"]]), ("unix-group:a*", [["!local", "unknown"]]), ("unix-other:a", None)])
def test_wildcards(name: str, when: object) -> None:
    found = entries("/a", f"[a]\nIdentity={name}\nAction=*\nResultAny=yes\n", EXEC)
    assert [sorted(map(sorted, one.when)) for outcomes in found.values() for one in outcomes] == ([] if when is None else [when])


def test_administrators() -> None:
    assert administrators("/a", "[Configuration]\nAdminIdentities=unix-group:sudo;unix-user:ann;\n") == ("1", ["unix-group:sudo", "unix-user:ann"])
    assert administrators("/a", "") is None


def test_the_last_entry_of_the_last_directory_counts_most() -> None:
    low, high = (f"/var/lib/polkit-1/localauthority/{name}/a.pkla" for name in ("10-vendor.d", "50-local.d"))
    assert order(high, "1#") > order(low, "9#") > order(low, "8#") and order(low, "1") > order(high, "9#")
    assert order(low.replace("/var/lib", "/etc"), "1") > order(low, "1")


def test_what_is_not_read_is_not_quoted() -> None:
    with pytest.raises(Nonsense) as raised:
        entries("/a", "[a]\nhunter2\n", EXEC)
    assert "line 2" in str(raised.value) and "hunter2" not in str(raised.value)


@given(
    st.lists(st.sampled_from(["[a]", "Identity=unix-user:a", "Identity=;:;", "Action=*", "Action=[", "ResultAny=yes", "ResultAny=x", "=", "", "#"])).map(
        "\n".join
    )
)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        entries("/a", text, EXEC)
        administrators("/a", text)
    except Nonsense:
        pass
