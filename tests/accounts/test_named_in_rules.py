import pytest

from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.accounts import named_in_rules

INCLUDES = "@include /etc/sudoers.d/site\nann ALL = ALL\n"


@pytest.mark.parametrize(
    ("files", "users", "groups"),
    [
        ({}, set(), set()),
        ({"/etc/sudoers": "ann, %admins, !bob ALL = (cat : team) ALL\n"}, {"ann", "bob", "cat"}, {"admins"}),
        ({"/etc/sudoers": "Runas_Alias DB = dora\nHost_Alias X = web\nALL ALL = (DB) ALL\n"}, {"dora"}, set()),
        ({"/etc/sudoers": INCLUDES, "/etc/sudoers.d/site": "%#7900, +net, %:far ALL = ALL\n"}, {"ann"}, {"#7900"}),
        ({"/etc/doas.conf": "permit nopass :ops as eve\ndeny fred\n"}, {"eve", "fred"}, {"ops"}),
        ({"/etc/sudoers": PermissionError(13, "no"), "/etc/doas.conf": "permit ann\n"}, {"ann"}, set()),
    ],
)
def test_whom_rules_name(files: dict[str, object], users: set[str], groups: set[str]) -> None:
    named, hole = named_in_rules.of(MemoryHost(files))  # type: ignore[arg-type]
    assert named == (users, groups) and (hole is None) == (not any(isinstance(text, Exception) for text in files.values()))


@pytest.mark.parametrize(("name", "key"), [("ann", "ann"), ("#7900", 7900), ("#x", "#x")])
def test_a_number_is_asked_for_as_one(name: str, key: int | str) -> None:
    assert named_in_rules.key(name) == key
