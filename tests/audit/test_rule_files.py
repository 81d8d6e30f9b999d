"""The files that audit rules are loaded from; what they say is tested with the probe."""

from audit.audit_host import host

from hostcheck.model import Hole, Why
from hostcheck_builtin.audit.rule_files import daemon, in_files
from hostcheck_builtin.audit.watched_places import EnginePlaces


def test_a_loader_that_is_not_known_leaves_all_unknown() -> None:
    hole = Hole(why=Why.DENIED, message="denied")
    assert in_files(host(), hole, {}, EnginePlaces(host()).at_boot) is hole


def test_nothing_is_loaded_where_nothing_loads() -> None:
    assert in_files(host(), "none", {}, EnginePlaces(host()).at_boot) == {"paths": [], "root_owned": True, "rules": [], "turned_off": False}


def test_units_that_cannot_be_listed() -> None:
    denied = PermissionError(13, "Permission denied", "/etc/systemd/system")
    told = daemon(host({"/etc/systemd/system": denied}, without=("/etc/systemd",)))
    assert told["installed"] is True and isinstance(told["enabled"], Hole) and isinstance(told["loader"], Hole)
