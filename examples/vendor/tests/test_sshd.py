"""What the probe states of a host, compared with what was written by hand."""

import hosts
import pytest
from documents import section
from nadir_hostcheck.plugin import SSHD

from hostcheck.api import Hole, HoleError, View, known, opening
from hostcheck.testing import memory_host

CONFIG, DROPINS = hosts.CONFIG, hosts.DROPINS


def stated(**sections):
    """Return the facts of a host whose sshd has these sections; everywhere is what stands before the first Match."""
    named = {"global" if name == "everywhere" else name: one for name, one in sections.items()}
    return {"present": True, "path": CONFIG, "sections": named}


EXPECTED = {
    "none": {"present": False},
    "closed": stated(everywhere=section(groups=["ssh-users"], permit_root_login="no")),
    "open": stated(everywhere=section(permit_root_login="yes")),
    "users": stated(everywhere=section(users=["alice@192.0.2.*", "b?b"], permit_root_login="no")),
    "match": stated(
        everywhere=section(groups=["ssh-users"], permit_root_login="no"),
        **{f"{CONFIG}:3": section(["User backup"], groups=["backup"], permit_root_login="yes")},
    ),
    "included": stated(
        everywhere=section(groups=["ssh-users", "wheel"], permit_root_login="no"),
        **{f"{DROPINS}/20-site.conf:2": section(["Address 192.0.2.0/24"], permit_root_login="yes")},
    ),
    "debian": stated(
        everywhere=section(groups=["ssh-users"], permit_root_login="no"),
        **{f"{DROPINS}/90-backup.conf:1": section(["Address 192.0.2.0/24"], permit_root_login="forced-commands-only")},
    ),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_host_is_stated(name):
    """For the section before the first Match, sshd -T of OpenSSH 10.0 says the same."""
    assert SSHD.collect(hosts.SSHD[name]) == EXPECTED[name]


def test_what_was_set_before_a_denied_include_stays_known():
    """The first PermitRootLogin counts, while lists and sections may go on."""
    sections = View(SSHD.collect(hosts.SSHD["drop-ins denied"]))["sections"]
    everywhere = sections["global"]
    assert everywhere["permit_root_login"] == "no"
    assert (known(sections), known(everywhere["allow_groups"]), known(everywhere["allow_users"])) == (["global"], ["ssh-users"], [])
    assert opening(sections) and opening(everywhere["allow_groups"]) and opening(everywhere["allow_users"])


def test_what_was_not_set_before_a_denied_include_is_not_known():
    """The included file may have set it."""
    everywhere = View(SSHD.collect(hosts.SSHD["nothing but drop-ins denied"]))["sections"]["global"]
    with pytest.raises(HoleError):
        everywhere.get("permit_root_login")


def test_a_denied_configuration_is_neither_there_nor_absent():
    """Nothing is known of it."""
    facts = SSHD.collect(hosts.SSHD["denied"])
    assert all(isinstance(fact, Hole) for fact in facts.values())


def test_openssh_of_suse_has_its_configuration_elsewhere():
    """It counts where /etc has none."""
    vendor = "/usr/etc/ssh/sshd_config"
    assert SSHD.collect(memory_host({vendor: ""})) == {"present": True, "path": vendor, "sections": {"global": section()}}


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("AllowGroups = a b\nallowgroups\tb c # d\n", ["a", "b", "c"]),
        ('AllowGroups "a b" \'c d\' e\\ f g\\"h i#j a"b c"d\r\n', ["a b", "c d", "e f", 'g"h', "i#j", "ab cd"]),
        ('AllowGroups a\\b c\\\\d "e\\ f" \\#x\n', ["a\\b", "c\\d", "e\\ f", "\\#x"]),
        ('"AllowGroups" a=b =c\n#AllowGroups d\n  # AllowGroups e\n', ["a=b", "=c"]),
        (f"Include {DROPINS}/../*/[ab].conf\nInclude sshd_config.d/c.conf none/*.conf sshd_config/x*\n", ["a", "b", "c"]),
    ],
)
def test_lines_are_split_as_sshd_splits_them(text, groups):
    """For the section before the first Match, sshd -T of OpenSSH 10.0 says the same."""
    files = {f"{DROPINS}/{name}.conf": f"AllowGroups {name}" for name in ("a", "b", "c", ".a")}
    assert SSHD.collect(memory_host({CONFIG: text} | files))["sections"]["global"]["allow_groups"] == groups


def test_a_match_in_an_included_file_holds_within_that_of_the_including_one():
    """Both have to hold, and what follows the Include belongs to the outer one again."""
    files = {CONFIG: "Match User a\nInclude b\nPermitRootLogin no\n", "/etc/ssh/b": "Match Group g\nPermitRootLogin yes\n"}
    outer, inner = f"{CONFIG}:1", f"{CONFIG}:1 > /etc/ssh/b:1"
    named = {outer: section(["User a"], permit_root_login="no"), inner: section(["User a", "Group g"], permit_root_login="yes")}
    assert SSHD.collect(memory_host(files)) == stated(everywhere=section(), **named)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("PermitRootLogin maybe\n", "nonsense"),
        ('PermitRootLogin "no\n', "nonsense"),
        ("AllowGroups a\0b\n", "nonsense"),
        ("Include sshd_config sshd_config\n", "limit"),
        ("Include sshd_config.d\n", "denied"),
    ],
)
def test_what_sshd_would_not_take_is_not_known(text, why):
    """It stops where it cannot read its configuration, so that nothing can be said of what it would do."""
    value = SSHD.collect(memory_host({CONFIG: text, DROPINS: hosts.DENIED})).get("sections")
    assert why in repr(value["global"]["permit_root_login"])
