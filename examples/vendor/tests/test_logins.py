"""What the analysis makes of facts, compared with what was worked out by hand."""

from documents import DOCUMENTS, NSS, document, section
from nadir_hostcheck.plugin import LOGINS

from hostcheck.api import Hole, Unsupported, View, attempt, incomplete

SUPERUSERS = ["root", "toor"]


def derive(facts):
    """Derive from facts as hostcheck gives them."""
    return LOGINS.derive(View(facts), {})


def unknown(*_):
    """Stand for a fact that no host would say."""
    raise Unsupported("not listed")


HOLE = attempt(unknown)


def test_without_a_configuration_there_is_nothing_to_say():
    """There may be no sshd at all."""
    assert derive(DOCUMENTS["none"]) == {"configured": False}


def test_what_is_not_set_has_its_default_and_lets_everybody_in():
    """The default of PermitRootLogin lets in who has a key."""
    assert derive(DOCUMENTS["nothing set"]) == {
        "configured": True,
        "root_login": {"global": {"value": "prohibit-password", "connections": "any", "accounts": SUPERUSERS}},
        "doors": {"everybody": {"kind": "everybody", "pattern": "*", "accounts": ["alice", "bob", "carol", "dave", "root", "toor"]}},
    }


def test_groups_decide_where_both_are_set():
    """Members come by primary group, by the file, and by the name service alone."""
    assert derive(DOCUMENTS["groups"]) == {
        "configured": True,
        "root_login": {"global": {"value": "no", "connections": "any", "accounts": SUPERUSERS}},
        "doors": {
            "group ssh-*": {"kind": "group", "pattern": "ssh-*", "accounts": ["alice", "bob"]},
            "group gone": {"kind": "group", "pattern": "gone", "accounts": []},
            "group wheel": {"kind": "group", "pattern": "wheel", "accounts": ["dave"]},
        },
    }


def test_users_decide_where_no_groups_are_set():
    """A pattern may name the host that the user comes from."""
    assert derive(DOCUMENTS["users"]) == {
        "configured": True,
        "root_login": {
            "global": {"value": "prohibit-password", "connections": "any", "accounts": SUPERUSERS},
            "/etc/ssh/sshd_config:9": {"value": "yes", "connections": "Match User toor and Match Group x", "accounts": SUPERUSERS},
        },
        "doors": {
            "user alice@192.0.2.*": {"kind": "user", "pattern": "alice@192.0.2.*", "accounts": ["alice"]},
            "user b?b": {"kind": "user", "pattern": "b?b", "accounts": ["bob"]},
        },
    }


def test_a_bracket_is_no_pattern_for_sshd():
    """It knows * and ? alone."""
    assert derive(document(everywhere=section(users=["[a-z]*"])))["doors"]["user [a-z]*"]["accounts"] == []


def test_without_the_users_the_settings_are_still_stated():
    """Only the accounts are not known."""
    setting = derive({**DOCUMENTS["groups"], "nss": NSS | {"users": HOLE}})["root_login"]["global"]
    assert setting["value"] == "no"
    assert isinstance(setting["accounts"], Hole)


def test_where_a_list_may_have_more_it_is_not_known_what_decides():
    """Groups that were not seen would let in fewer than everybody, and others than users that were seen."""
    everywhere = section(users=["alice"]) | {"allow_groups": incomplete([], HOLE)}
    assert isinstance(derive(document(everywhere=everywhere))["doors"], Hole)
