import pytest
from hypothesis import given
from hypothesis import strategies as st
from polkit.polkit_host import EXEC, UNITS, policy, program

from hostcheck.host import Nonsense
from hostcheck_builtin.polkit.policy_files import actions

NONE = {"program": "", "implies": []}


def test_what_holds_without_a_rule() -> None:
    told = actions("/a.policy", policy(EXEC, "org.example.other", any_="no", active=" yes "))
    assert told == {EXEC: {"file": "/a.policy", "any": "no", "inactive": "no", "active": "yes", **NONE}}


def test_what_is_not_said_is_a_no() -> None:
    told = actions("/a", f"<policyconfig><action id='{EXEC}'/></policyconfig>")
    assert told == {EXEC: {"file": "/a", "any": "no", "inactive": "no", "active": "no", **NONE}}


def test_programs_and_actions_that_grant_others() -> None:
    assert actions("/a", program("org.example.run", "/usr/bin/x"))["org.example.run"]["program"] == "/usr/bin/x"
    implied = policy("org.example.all", more=f'<annotate key="org.freedesktop.policykit.imply">org.example.a {UNITS}</annotate>')
    assert actions("/a", implied)["org.example.all"]["implies"] == [UNITS]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"<a>{EXEC}\n\n<b", "no XML at line 3"),
        (policy("hunter2", EXEC, any_="hunter2"), "no result of polkit's at line 3"),
        (f'<!DOCTYPE a [<!ENTITY b "{EXEC}">]><a>&b;</a>', "declares entities"),
    ],
)
def test_what_is_not_read_is_not_quoted(text: str, why: str) -> None:
    with pytest.raises(Nonsense) as raised:
        actions("/a", text)
    assert why in str(raised.value) and EXEC not in str(raised.value) and "hunter2" not in str(raised.value)


def test_actions_that_are_not_known_are_told_of_this_hosts_own_files_and_where_they_are_named() -> None:
    text = policy("org.example.a", "org.example.ab", "org.other")
    assert list(actions("/etc/polkit-1/actions/a.policy", text)) == ["org.example.a", "org.example.ab", "org.other"]
    assert list(actions("/usr/share/polkit-1/actions/a.policy", text, {"org.example.a"})) == ["org.example.a", "org.example.ab"]
    assert actions("/usr/share/polkit-1/actions/a.policy", text, {"org.example.b", "action.id"}) == {}


def test_other_files_are_not_taken_apart() -> None:
    assert actions("/a", "<no xml") == {}


@given(
    st.lists(
        st.sampled_from([f"<action id='{EXEC}'>", "</action>", "<defaults>", "<allow_any>", "yes", "</allow_any>", "&", "<annotate key='x'>", "\0", "]]>"])
    ).map("".join)
)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        actions("/a", f"<policyconfig>{text}</policyconfig><!-- {EXEC} -->")
    except Nonsense:
        pass
