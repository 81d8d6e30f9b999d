from root_programs.root_host import folder, listed

from hostcheck.host.answers import Stat


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
