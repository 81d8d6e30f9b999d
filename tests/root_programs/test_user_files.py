"""What users run by themselves, and who else can change it; each user's apart."""

from typing import Any

import pytest
from root_programs.root_host import OPEN, PASSWD, derive, document, facts, file, folder, listed

from hostcheck.host.answers import AclEntry
from hostcheck.model import Hole
from hostcheck.view import known, opening
from hostcheck_builtin.system import bounds

BASH = PASSWD.replace(":/home/ann:/bin/sh", ":/home/ann:/bin/bash")
HOME = {"/etc/passwd": BASH, "/home/ann/.bashrc": "", "/home/ann/.ssh/authorized_keys": "", "/etc/ssh/sshd_config": ""}
ACL = tuple(AclEntry(tag=tag, id=who, perms=perms) for tag, who, perms in (("user_obj", -1, 6), ("user", 1001, 6), ("mask", -1, 6), ("other", -1, 4)))
KEYS = "/home/ann/.ssh/authorized_keys"


def theirs(*args: Any, **kwargs: Any) -> Any:
    return facts(*args, **kwargs)["users"]


def changed(*args: Any, **kwargs: Any) -> dict[str, dict[str, Any]]:
    """Return by user and path who can change each file, when it is read, and whether that is certain."""
    found = derive(document(*args, **kwargs))["user_files"]
    return {
        name: {path: (one["changed_by"]["everyone"] or sorted(one["changed_by"]["users"]), one["when"], one["certain"]) for path, one in mine.items()}
        for name, mine in found.items()
        if mine
    }


def test_what_is_a_users_alone_is_not_told() -> None:
    assert theirs(HOME)["ann"] == {"uid": 1000, "files": {}} and changed(HOME) == {}


@pytest.mark.parametrize("path", ["/home/ann/.bashrc", "/home/ann/.profile", "/home/ann/.bash_profile"])
def test_a_start_file_that_somebody_else_can_write(path: str) -> None:
    wanted = {"ann": {path: (True, "at the next login of ann", True)}}
    assert changed({**HOME, path: ""}, stats={path: file(1000, 0o666)}) == wanted
    assert changed({**HOME, path: ""}, stats={path: file(1000, 0o664, 50)}) == {"ann": {path: (["bob"], "at the next login of ann", True)}}
    assert changed({**HOME, path: ""}, stats={path: file(1000, 0o666), "/home/ann": folder(1000, 0o700)}) == {}


def test_in_a_home_that_everybody_can_write_what_is_not_there_counts_too() -> None:
    found = changed(HOME, stats={"/home/ann": folder(1000, 0o777)})["ann"]
    assert found["/home/ann/.bash_profile"] == found["/home/ann/.bashrc"] == (True, "at the next login of ann", True)
    assert found["/home/ann/.bash_aliases"][2] is False and found["/home/ann/.config/systemd/user"][2] is False


def test_a_home_that_is_not_there_counts_where_somebody_can_make_it() -> None:
    files = {"/etc/passwd": f"{PASSWD}eve:x:1002:1002::/srv/eve:/bin/sh\n"}
    assert changed(files) == {}
    assert changed({**files, "/srv/x": ""}, stats={"/srv": OPEN})["eve"]["/srv/eve/.profile"] == (True, "at the next login of eve", True)


def test_who_cannot_log_in_reads_nothing() -> None:
    assert "www" not in changed({"/srv/.profile": ""}, stats={"/srv/.profile": file(33, 0o666)})


@pytest.mark.parametrize(
    ("files", "stat", "sure"),
    [
        ({}, file(1000, 0o666), None),
        ({}, file(1000, 0o664, acl=ACL), None),
        ({"/etc/debian_version": "13"}, file(1000, 0o664, acl=ACL), True),
        ({"/etc/debian_version": "13"}, file(1000, 0o664, 50, acl=ACL), None),
        ({"/etc/debian_version": "13", "/etc/group": "ann:x:1000:bob\n"}, file(1000, 0o664, acl=ACL), None),
        ({"/etc/debian_version": "13", "/etc/passwd": f"{BASH}eve:x:1002:1000::/:/bin/sh\n"}, file(1000, 0o664, acl=ACL), None),
        ({"/etc/debian_version": "13", "/etc/ssh/sshd_config": None}, file(1000, 0o664, acl=ACL), False),
        ({"/etc/ssh/sshd_config": "StrictModes no\n"}, file(1000, 0o666), True),
        ({"/etc/ssh/sshd_config": "StrictModes no\nAuthorizedKeysFile /etc/keys/%u\n"}, file(1000, 0o666), None),
    ],
)
def test_keys_count_where_sshd_takes_them(files: dict[str, str], stat: Any, sure: bool | None) -> None:
    """In what others may write it takes none, as long as they may (StrictModes)."""
    found = changed({**HOME, **files}, stats={KEYS: stat}).get("ann", {}).get(KEYS)
    assert (None if found is None else found[1:]) == (None if sure is None else ("when somebody logs in with a key", sure))


def test_keys_elsewhere_are_each_users_own() -> None:
    files = {**HOME, "/etc/ssh/sshd_config": "StrictModes no\nAuthorizedKeysFile /etc/keys/%u\n", "/etc/keys/ann": "", "/etc/keys/bob": ""}
    assert set(changed(files, stats={"/etc/keys/ann": file(0, 0o666)})["ann"]) == {"/etc/keys/ann"}


CRON = {"/var/spool/cron/crontabs/ann": "PATH=/usr/bin\n* * * * * /opt/bobbin/tool >/dev/null\n* * * * * ~/job\n", "/opt/bobbin/tool": "", "/home/ann/job": ""}
TABLE = {"/var/spool/cron/crontabs/ann": file(1000, 0o600), "/opt/bobbin/tool": file(1001)}


def test_a_job_of_a_users_own_table() -> None:
    assert changed(CRON, stats=TABLE) == {"ann": {"/opt/bobbin/tool": (["bob"], "by cron", True)}}
    assert changed(CRON, stats={**TABLE, "/home/ann/job": file(1000, 0o777)})["ann"]["/home/ann/job"] == (True, "by cron", True)
    assert changed({**CRON, "/usr/sbin/cron": None}, stats=TABLE) == {"ann": {"/opt/bobbin/tool": (["bob"], "by cron", False)}}
    assert changed(CRON, stats={**TABLE, "/var/spool/cron/crontabs/ann": file(1001, 0o600)}) == {}


@pytest.mark.parametrize(
    "text", ["* * * * * /opt/bobbin/tool\n" * 1000, "".join(f"* * * * * /opt/bobbin/{number}\n" for number in range(100)) + "* * * * * ((" * 60]
)
def test_what_a_user_writes_leaves_open_only_what_is_theirs(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "WAYS_OF_A_USER", 50)
    files = {**CRON, "/var/spool/cron/crontabs/ann": text, "/var/spool/cron/crontabs/bob": "* * * * * /home/ann/job\n"}
    told = facts(files, stats={**TABLE, "/var/spool/cron/crontabs/bob": file(1001, 0o600)})
    assert isinstance(opening(told["users"]["ann"]["files"]), Hole) and opening(told["users"]) is None
    assert list(told["users"]["bob"]["files"]) == ["/home/ann/job"] and opening(told["users"]["bob"]["files"]) is None
    assert all(opening(told[group]["files"]) is None for group in ("cron", "logins", "units", "kernel"))


def test_a_directory_or_a_pattern_of_a_users_is_not_listed() -> None:
    files = {**CRON, "/var/spool/cron/crontabs/ann": "* * * * * run-parts /opt/bobbin\n* * * * * /opt/other/*.sh\n", "/opt/other/x.sh": ""}
    found = theirs(files, stats={**TABLE, "/opt/bobbin": folder(1001), "/opt/other": folder(1001)})["ann"]["files"]
    assert sorted(found) == ["/opt/bobbin", "/opt/other"]


def test_more_files_than_are_stated_of_all_users_are_a_hole(monkeypatch: pytest.MonkeyPatch) -> None:
    stats = {"/home/ann/.bashrc": file(1000, 0o666)}
    assert list(theirs(HOME, stats=stats)) == ["ann", "bob"]
    monkeypatch.setattr(bounds, "LOGIN_FILES", 0)
    told = theirs(HOME, stats=stats)
    assert known(told) == ["ann"] and isinstance(opening(told), Hole)


def test_homes_that_are_not_there_are_not_looked_at_one_by_one() -> None:
    crowd = "".join(f"u{uid}:x:{uid}:{uid}::/home/u{uid}:/bin/bash\n" for uid in range(2000, 2100))
    stats = {"/home/ann/.bashrc": file(1000, 0o666)}
    alone, told = theirs(HOME, stats=stats), theirs({**HOME, "/etc/passwd": HOME["/etc/passwd"] + crowd}, stats=stats)
    assert opening(told) is None and {name: told[name] for name in alone} == alone
    assert all(told[f"u{uid}"] == {"uid": uid, "files": {}} for uid in range(2000, 2100))


def test_tables_that_cannot_be_listed_leave_open_whose_there_are() -> None:
    assert isinstance(opening(theirs({**HOME, "/var/spool/cron/crontabs": PermissionError(13, "no")})), Hole)


def test_a_home_that_cannot_be_looked_into_leaves_open_what_is_its_users() -> None:
    told = theirs({**HOME, "/home/ann/.bashrc": PermissionError(13, "no")})
    assert opening(told) is None and isinstance(told["ann"]["files"]["/home/ann/.bashrc"], Hole)


def test_roots_files_are_what_they_were() -> None:
    assert listed("logins", HOME, stats={"/home/ann/.bashrc": file(1000, 0o666)}) == {}
