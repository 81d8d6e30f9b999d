import pytest
from root_programs.root_host import facts, file, folder, host, listed

from hostcheck.host.answers import Stat
from hostcheck.model import OpenObject
from hostcheck_builtin.root_programs import root_files


def test_a_link_of_a_users_is_not_read() -> None:
    files = {"/etc/crontab": "* * * * * root /home/ann/x\n", "/etc/shadow": "/home/bob/y\n"}
    links, stats = {"/home/ann/x": "/etc/shadow"}, {"/home/ann/x": Stat(type="link", uid=1000, gid=1000, mode=0o777), "/home/ann": folder(1000)}
    assert list(listed("cron", files, links=links, stats=stats)) == ["/home/ann/x"]


def test_a_large_or_binary_file_is_no_script() -> None:
    text = "#!/bin/sh\n. /home/ann/x\n"
    big = {"/etc/crontab": "* * * * * root /opt/a; /usr/bin/b\n", "/home/ann/x": ""}
    assert "/home/ann/x" in listed("cron", {**big, "/opt/a": text + "#" * 20_000, "/usr/bin/b": text + "#" * 20_000})
    assert "/home/ann/x" not in listed("cron", {**big, "/usr/bin/b": text + "#" * 20_000})
    assert "/home/ann/x" not in listed("cron", {**big, "/opt/a": "\x7fELF\n. /home/ann/x\n"})


def test_a_link_of_a_users_counts_where_it_stands() -> None:
    link = {"/opt/l": Stat(type="link", uid=1000, gid=1000, mode=0o777)}
    assert list(listed("cron", {"/etc/crontab": "* * * * * root /opt/l\n", "/opt/x": ""}, links={"/opt/l": "/opt/x"}, stats=link)) == ["/opt/l"]
    assert listed("cron", {"/etc/crontab": "* * * * * root /opt/l\n", "/opt/x": ""}, links={"/opt/l": "/opt/x"}) == {}


def test_of_several_places_the_first_that_has_the_file_counts() -> None:
    files = root_files.begin(host({"/opt/b/x": "", "/opt/c/x": "", "/opt/a/x/y": ""}))
    assert files.first(f"/opt/{name}/x" for name in "abc") == "/opt/b/x"
    assert files.first(f"/opt/{name}/y" for name in "abc") == ""


def test_a_file_system_of_a_user_before_the_program_is_that_users_word() -> None:
    mounts = "27 1 254:0 / / rw - ext4 /dev/vda rw\n40 27 0:50 / /home/ann/bin rw - fuse.x x rw\n"
    table = "PATH=/home/ann/bin:/usr/bin\n* * * * * root x\n"
    cron = facts({"/etc/crontab": table, "/home/ann/bin/y": "", "/usr/bin/x": "", "/proc/self/mountinfo": mounts})["cron"]
    told = cron["files"]["/home/ann/bin"]
    assert told["type"].owners == (1000,) and list(told["parents"]) == ["/", "/home", "/home/ann"]
    assert isinstance(cron["files"], OpenObject) and cron["files"].hole.owners == cron["files"]["/home/ann/bin/x"].owners == (1000,)


@pytest.mark.parametrize(("command", "named"), [("sh", True), ("python3", False), ("sed -f", False), ("awk -f", False)])
def test_what_another_interpreter_reads_is_no_text_for_a_shell(command: str, named: bool) -> None:
    read = listed("cron", {"/etc/crontab": f"* * * * * root {command} /opt/a\n", "/opt/a": "/home/ann/x\n", "/home/ann/x": ""})
    assert ("/home/ann/x" in read) is named


MODULES = {"/opt/x.py": "#!/usr/bin/python3\nimport json, own\ndef late():\n    import slow\n", "/opt/own.py": "", "/opt/slow/a": "", "/opt/other.py": ""}
ANNS = {path: file(1000) for path in ("/opt/own.py", "/opt/other.py")} | {path: folder(1000) for path in ("/opt/slow", "/opt/__pycache__")}


@pytest.mark.parametrize("command", ["/opt/x.py", "python3 /opt/x.py", "cd /opt && nice python3 ./x.py"])
def test_modules_beside_a_program_in_python(command: str) -> None:
    read = listed("cron", {"/etc/crontab": f"* * * * * root {command}\n", "/opt/__pycache__/a": "", **MODULES}, stats=ANNS)
    sure = {path: all(use["certain"] for use in one["uses"].values()) for path, one in read.items()}
    assert sure == {"/opt/own.py": True, "/opt/slow": False, "/opt/__pycache__": True}
    assert not listed("cron", {"/etc/crontab": f"* * * * * root {command}\n", **MODULES}, stats={"/opt/other.py": file(1000)})


@pytest.mark.parametrize(("text", "certain"), [("import json", True), ("import os", False)])
def test_a_directory_in_which_modules_may_be_laid(text: str, certain: bool) -> None:
    stats = {"/opt": Stat(type="dir", uid=0, gid=0, mode=0o1777)}
    table = {"/etc/crontab": "* * * * * root python3 /opt/x\n", "/opt/x": f"{text}\n"}
    (use,) = listed("cron", table, stats=stats)["/opt"]["uses"].values()
    assert (use["how"], use["certain"], use["kind"]) == ("searches", certain, "library-path")
    assert "/opt" not in listed("cron", {**table, "/etc/crontab": "* * * * * root python3 -I /opt/x\n"}, stats=stats)
