from typing import Any

import pytest
from root_programs.root_host import PASSWD, file, host, kinds, listed

from hostcheck.model import Hole
from hostcheck_builtin.root_programs import root_files
from hostcheck_builtin.root_programs.probe_root_programs import LOOKS
from hostcheck_builtin.system import account_files


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({"/etc/pam.d/su": "auth optional pam_exec.so quiet /home/ann/x a\n"}, {"/home/ann/x": {"pam"}}),
        ({"/etc/pam.d/su": "auth [success=1 default=ignore] /home/ann/x\n"}, {"/home/ann/x": {"pam"}}),
        ({"/etc/pam.d/su": "@include /etc/pam-site\n", "/etc/pam-site": "auth optional pam_exec.so /home/ann/x\n"}, {"/home/ann/x": {"pam"}}),
        ({"/etc/pam.d/su": "auth include /home/ann/x\n"}, {"/home/ann/x": {"pam"}}),
        ({"/etc/pam.d/su": "@include /etc/pam-a\n", "/etc/pam-a": "@include /etc/pam-a\nauth substack /home/ann/x\n"}, {"/home/ann/x": {"pam"}}),
        ({"/etc/pam.d/su": "session optional pam_env.so envfile=/home/ann/x\n"}, {"/home/ann/x": {"pam"}}),
        ({"/etc/pam.d/su": "auth sufficient pam_listfile.so item=user sense=allow file=/home/ann/x\n"}, {"/home/ann/x": {"pam"}}),
        ({"/etc/pam.d/su": "auth sufficient pam_listfile.so item=user sense=deny file=/home/ann/x\n"}, {}),
        ({"/etc/pam.d/su": "auth required pam_listfile.so item=user sense=allow file=/home/ann/x\n"}, {}),
        ({"/etc/pam.d/su": "session optional pam_motd.so\n", "/etc/update-motd.d/10-x": "#!/bin/sh\n/home/ann/x\n"}, {"/home/ann/x": {"script"}}),
        ({"/root/.bashrc": ". /home/ann/x\n"}, {"/home/ann/x": {"script"}}),
        ({"/root/.profile": "PATH=/home/ann/d:$PATH\n", "/home/ann/d/e": ""}, {"/home/ann/d": {"search-path"}}),
        ({"/etc/ssh/sshd_config": "AuthorizedKeysFile /home/ann/x\n"}, {"/home/ann/x": {"authorized-keys"}}),
        ({"/etc/ssh/sshd_config": "AuthorizedKeysFile /home/ann/%u\n", "/home/ann/root": ""}, {"/home/ann/root": {"authorized-keys"}}),
        ({"/etc/passwd": PASSWD + "toor:x:0:0::/home/ann:/bin/sh\n", "/home/ann/.profile": ""}, {f"/home/ann/{name}" for name in ("x", ".profile")}),
    ],
)
def test_what_is_read_at_a_login(files: dict[str, str], wanted: Any) -> None:
    found = kinds(listed("logins", {"/home/ann/x": "", **files}, stats=dict.fromkeys((path for path in files if "motd" in path), file(0, 0o755))))
    assert found == wanted if isinstance(wanted, dict) else "/home/ann/.profile" in found and "/home/ann/.ssh/authorized_keys" in found


def test_what_nobody_may_execute_is_not_run() -> None:
    files = {"/etc/pam.d/su": "session optional pam_motd.so\n", "/etc/update-motd.d/10-x": "#!/bin/sh\n/home/ann/x\n", "/home/ann/x": ""}
    for mode, found in ((0o644, []), (0o755, ["/home/ann/x"])):
        assert [*listed("logins", files, stats={"/etc/update-motd.d/10-x": file(0, mode)})] == found
    assert "/etc/update-motd.d/10-x" in listed("logins", files, stats={"/etc/update-motd.d/10-x": file(1000, 0o644)})


@pytest.mark.parametrize(("text", "sure"), [("", False), ("StrictModes no\n", True), ("Match user x\nStrictModes no\n", True), ("StrictModes yes\n", False)])
def test_keys_that_others_may_write_count_where_sshd_does_not_look(text: str, sure: bool) -> None:
    found = listed("logins", {"/etc/ssh/sshd_config": text, "/root/.ssh/authorized_keys": ""}, stats={"/root/.ssh/authorized_keys": file(0, 0o666)})
    assert [use["certain"] for use in found["/root/.ssh/authorized_keys"]["uses"].values()] == [sure]


RUNS = "auth optional pam_exec.so /home/ann/x\n"


@pytest.mark.parametrize(
    ("files", "sure"),
    [
        ({"/etc/pam.d/sshd": RUNS}, [True]),
        ({"/etc/pam.d/sshd.dpkg-old": RUNS}, [False]),
        ({"/etc/pam.d/sshd~": RUNS}, [False]),
        ({"/usr/lib/pam.d/sshd": RUNS}, [True]),
        ({"/usr/lib/pam.d/sshd": RUNS, "/etc/pam.d/sshd": ""}, [False]),
        ({"/etc/pam.conf": f"sshd {RUNS}"}, [True]),
        ({"/etc/pam.conf": f"sshd {RUNS}", "/etc/pam.d/sshd": ""}, []),
        ({"/etc/pam.conf": "sshd auth include /etc/x", "/etc/x": RUNS}, [True]),
    ],
)
def test_a_service_of_pam_is_certain_where_libpam_reads_its_file(files: dict[str, str], sure: list[bool]) -> None:
    found = listed("logins", {"/home/ann/x": "", **files})
    assert [use["certain"] for one in found.values() for use in one["uses"].values()] == sure


@pytest.mark.parametrize(("files", "sure"), [({}, True), ({"/etc/pam.d/su": ""}, False), ({"/usr/etc/pam.d/su": ""}, False)])
def test_one_file_for_all_services_counts_where_there_is_no_directory(files: dict[str, str], sure: bool) -> None:
    found = listed("logins", {"/etc/pam.conf": "", **files}, stats={"/etc/pam.conf": file(0, 0o666)})
    assert [use["certain"] for use in found["/etc/pam.conf"]["uses"].values()] == [sure]


def test_where_a_directory_of_pam_is_not_known_the_one_file_may_count() -> None:
    found = listed("logins", {"/etc/pam.conf": "", "/usr/lib/pam.d": PermissionError(13, "no")}, stats={"/etc/pam.conf": file(0, 0o666)})
    assert [isinstance(use["certain"], Hole) for use in found["/etc/pam.conf"]["uses"].values()] == [True]


def test_the_users_are_read_once_for_their_homes(monkeypatch: pytest.MonkeyPatch) -> None:
    files, asked, read = root_files.begin(host()), list[str](), account_files.text_of
    monkeypatch.setattr(account_files, "text_of", lambda host, path: asked.append(path) or read(host, path))
    files.begin("logins", *LOOKS["logins"])
    assert asked == ["/etc/passwd"]
