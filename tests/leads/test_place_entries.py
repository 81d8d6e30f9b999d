"""The catalogue of places: each entry is whole, and is found where a user can change it, where a container has it, and not where only root can."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from root_programs.root_host import PASSWD, facts, file, folder

import hostcheck_builtin
from hostcheck.facts_schema import load_facts_schema
from hostcheck_builtin.leads import place_entries as places
from hostcheck_builtin.leads.place_entries import LeadPlace
from hostcheck_builtin.privileged_programs.command_effects import edits_roots
from hostcheck_builtin.root_programs import probe_root_programs, root_files
from hostcheck_builtin.system import host_places

BUILTIN = Path(hostcheck_builtin.__file__).parent
SCHEMA = load_facts_schema(str(Path(probe_root_programs.__file__).with_name("probe_root_programs.facts.json")))
USE: dict[str, Any] = SCHEMA["$defs"]["root_use"]["properties"]
EACH = [(path, one) for one in places.all_places() for path in one.place]
LOOKED_FOR = [(path, one) for path, one in EACH if not one.reader]
ROOTS_ONLY = ("/var/spool/cron", "/etc/crontabs", "/var/spool/at", "/var/spool/cron/atjobs")
"""Here only root can make what counts: cron and at pass over a table or a job of root's that is somebody else's (cron(8), atd(8))."""
BY_READER = [path for path, one in EACH if one.reader.startswith("root_programs/") and one.gives == "write" and path not in ROOTS_ONLY]
WITH: dict[str, dict[str, str]] = {
    "/etc/ld.so.conf.d": {"/etc/ld.so.conf": "include /etc/ld.so.conf.d/*.conf\n"},
    "/etc/update-motd.d": {"/etc/pam.d/login": "session optional pam_motd.so\n", "/etc/update-motd.d/one": ""},
    "/usr/libexec": {"/etc/systemd/system/a.service": "[Service]\nExecStart=/usr/libexec/one\n", "/usr/libexec/one": ""},
    "/usr/sbin": {"/etc/crontab": "* * * * * root one\n", "/usr/sbin/one": ""},
}
"""What has to be there for a place to count."""


def named(path: str) -> str:
    """Return a path that a place stands for."""
    return path.replace("python3.*", "python3.13").replace("*", "one")


def there(one: LeadPlace) -> dict[str, str]:
    """Return the files that an entry asks for: its programs, and root with a shell of its own."""
    shell = f"root:x:0:0::/root:/bin/{one.shells[0] if one.shells else 'sh'}\n"
    return {**dict.fromkeys((*one.needs, "/usr/bin/python3.13"), "x"), "/etc/passwd": PASSWD.replace(PASSWD.partition("\n")[0] + "\n", shell)}


def stated(one: LeadPlace, *, uid: int) -> dict[str, Any]:
    """Return what root runs by files of a user or of root at each path of an entry."""
    paths = list(map(named, one.place))
    told = facts({**dict.fromkeys(paths, ""), **there(one)}, stats=dict.fromkeys(paths, file(uid)))
    return {name: entry for group in root_files.GROUPS for name, entry in told[group]["files"].items() if name in paths}


def test_an_entry_says_what_it_is_in_known_words() -> None:
    for path, one in LOOKED_FOR:
        assert one.kind in USE["kind"]["enum"] and one.when in USE["when"]["enum"] and one.how in USE["how"]["enum"] and one.by, path
    readers = {one.reader for _, one in EACH if one.reader}
    assert [reader for reader in readers if not (BUILTIN / reader).exists()] == []
    assert [path for path, one in EACH if one.walked and not (BUILTIN.parents[1] / one.walked).is_file()] == []
    twice = [(path, one.gives) for path, one in EACH]
    assert len(twice) == len(set(twice))


@pytest.mark.parametrize("one", [one for one in places.all_places() if not one.reader], ids=lambda one: one.place[0])
def test_a_place_that_a_user_can_change_is_stated_and_one_of_roots_is_not(one: LeadPlace) -> None:
    found = stated(one, uid=1000)
    assert sorted(found) == sorted({named(path) for path in one.place})
    for entry in found.values():
        assert entry["owner_uid"] == 1000 and [use["certain"] for use in entry["uses"].values() if use["kind"] == one.kind] == [one.certain and not one.refuses]
    assert stated(one, uid=0) == {}


def test_what_a_reader_refuses_of_others_is_certain_for_who_writes_as_root() -> None:
    refusing = {path for one in places.all_places() if one.refuses for path in one.folders}
    assert refusing >= {"/etc/logrotate.d", "/etc/sudo.conf"} and all(map(places.is_certain, refusing)) and not places.is_certain("/etc/perl")


@pytest.mark.parametrize("one", [one for one in places.all_places() if not one.reader and one.folders != one.place], ids=lambda one: one.place[0])
def test_a_directory_of_such_files_that_a_user_can_change_is_stated(one: LeadPlace) -> None:
    files = [named(path) for path in one.place if places.base(path) != path]
    folders = {path.rpartition("/")[0] for path in files}
    told = facts({**dict.fromkeys(files, ""), **there(one)}, stats=dict.fromkeys(folders, folder(1000)))
    assert folders <= {path for group in root_files.GROUPS for path in told[group]["files"]}
    others = [f"{path.rpartition('/')[0]}/no~" for path in one.place if not path.endswith("/*") or one.names]
    other = facts({**dict.fromkeys(map(named, others), ""), **there(one)}, stats=dict.fromkeys(map(named, others), file(1000)))
    assert not [path for group in root_files.GROUPS for path in other[group]["files"] if path.endswith("/no~")]


@pytest.mark.parametrize("path", BY_READER)
def test_what_a_reader_looks_at_by_itself_is_stated_too(path: str) -> None:
    looks = [(WITH[path], folder(1000))] if path in WITH else [({path: ""}, file(1000)), ({f"{path}/one": ""}, folder(1000))]
    found = [facts(made, stats={path: owner}) for made, owner in looks]
    assert any(host_places.below(name, path) for told in found for group in root_files.GROUPS for name in told[group]["files"])


@pytest.mark.parametrize(("path", "one"), EACH, ids=[f"{path}, to {one.gives}" for path, one in EACH])
def test_a_container_that_has_a_place_of_the_host_is_told(path: str, one: LeadPlace) -> None:
    asks = {"connect": host_places.bus, "link": host_places.shown_by_kubelet}
    ask = asks.get(one.gives) or partial(host_places.secret if one.gives == "read" else host_places.writable, places={})
    where = named(places.base(path))
    told = ask(where)
    assert told is not None and (told.what.startswith(one.what) or host_places.below(told.path, where) or host_places.below(where, told.path)), told
    below = ask(f"{where.rstrip('/')}/deeper/7")
    assert one.alone or below is not None


@pytest.mark.parametrize(
    "path", ["/srv", "/opt/app", "/var/lib/app", "/etc/ssl/certs", "/usr/share/zoneinfo", "/etc/python3", "/tmp", "/run/app", "/mnt/[a]", "/x*"]
)
def test_a_container_that_has_none_is_not(path: str) -> None:
    assert host_places.writable(path, {}) is None and host_places.secret(path, {}) is None


def test_a_place_counts_only_where_a_program_is_that_reads_it() -> None:
    path = "/etc/supervisor/conf.d/one.conf"
    assert path in facts({path: "", "/usr/bin/supervisord": "x"}, stats={path: file(1000)})["units"]["files"]
    assert path not in facts({path: ""}, stats={path: file(1000)})["units"]["files"]


@pytest.mark.parametrize(
    ("folder", "name", "counts"),
    [
        ("/etc/apt/apt.conf.d", "20a", True),
        ("/etc/apt/apt.conf.d", "20b.conf", True),
        ("/etc/apt/apt.conf.d", "20c.disabled", False),
        ("/etc/dpkg/dpkg.cfg.d", "x", True),
        ("/etc/dpkg/dpkg.cfg.d", "x.conf", False),
        ("/etc/kernel/postinst.d", "zz-x", True),
        ("/etc/kernel/postinst.d", "zz-x.sh", False),
        ("/etc/kernel/install.d", "x.install", True),
        ("/etc/kernel/install.d", "x", False),
    ],
)
def test_a_name_that_is_passed_over_does_not_count(folder: str, name: str, counts: bool) -> None:
    """As apt, dpkg and run-parts of Debian 13 do."""
    path = f"{folder}/{name}"
    told = facts({path: "", "/etc/debian_version": "13\n"}, stats={path: file(1000)})
    assert (path in told["units"]["files"]) is counts


def test_what_a_shell_reads_is_certain_where_root_has_that_shell() -> None:
    path = "/etc/zsh/zshrc"
    for shell, sure in (("/bin/bash", False), ("/usr/bin/zsh", True)):
        told = facts({path: "", "/etc/passwd": f"root:x:0:0::/root:{shell}\n"}, stats={path: file(1000)})
        assert {use["certain"] for use in told["logins"]["files"][path]["uses"].values()} == {sure}


def test_what_a_version_loads_counts_where_that_version_is() -> None:
    path = "/usr/local/lib/python3.9/dist-packages/a.pth"
    assert path not in facts({path: ""}, stats={path: file(1000)})["kernel"]["files"] | facts({path: ""}, stats={path: file(1000)})["units"]["files"]
    assert path in facts({path: "", "/usr/bin/python3.9": "x"}, stats={path: file(1000)})["units"]["files"]


@pytest.mark.parametrize("path", ["/root/.bash_login", "/root/bin/x", "/usr/", "/etc/ssh/", "/etc/cron.d/x", "/etc/apt/sources.list.d/a.list"])
def test_an_edit_of_what_root_acts_on(path: str) -> None:
    assert edits_roots(path)


@pytest.mark.parametrize("path", ["/etc/motd", "/etc/hosts", "/srv/", "/srv/x", "/home/ann/.profile", "/var/www/x"])
def test_an_edit_of_what_it_does_not(path: str) -> None:
    assert not edits_roots(path)
