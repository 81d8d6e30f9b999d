import pytest

from hostcheck_builtin.privileged_programs.command_effects import edits_roots, of_command


@pytest.mark.parametrize(
    ("name", "path", "args", "gives", "certain"),
    [
        ("/usr/bin/docker", "plain", "any", "engine", True),
        ("/usr/bin/docker", "plain", "wildcard", "engine", False),
        ("/usr/bin/docker", "plain", "given", "engine", False),
        ("/usr/bin/docker", "plain", "none", "limited", True),
        ("/bin/bash", "plain", "none", "shell", True),
        ("/bin/bash", "plain", "given", "shell", False),
        ("/usr/bin/python3.11", "plain", "any", "shell", True),
        ("/usr/bin/gcc-12", "plain", "any", "shell", True),
        ("/usr/bin/vi", "plain", "given", "shell", True),
        ("/usr/bin/less", "plain", "given", "shell", True),
        ("/usr/bin/less", "plain", "none", "limited", True),
        ("/usr/bin/systemctl", "plain", "given", "shell", False),
        ("/usr/bin/systemctl", "plain", "any", "shell", True),
        ("/usr/bin/tee", "plain", "any", "write-any-file", True),
        ("/opt/deploy", "plain", "any", "limited", True),
        ("/usr/bin/", "directory", "any", "any-command", True),
        ("/opt/tools/", "directory", "any", "limited", False),
        ("/usr/bin/*sh", "wildcard", "any", "any-command", True),
        ("/usr/bin/dock*", "wildcard", "any", "engine", False),
        ("/*/bin/dock*", "wildcard", "any", "engine", False),
        ("/opt/*", "wildcard", "any", "limited", False),
        ("/usr/*", "wildcard", "any", "limited", False),  # a star matches no slash
        ("/usr/bin/*", "wildcard", "any", "any-command", True),
        ("/usr/bin/*", "wildcard", "given", "shell", False),
        ("/usr/bin/[a-z]*", "wildcard", "any", "any-command", True),
        ("/bin/[[:lower:]]h", "wildcard", "any", "any-command", True),
        ("/usr/bin/[0-9]*", "wildcard", "any", "write-any-file", False),
        ("^/.*$", "regex", "any", "any-command", True),
        ("^/usr/bin/(env|id)$", "regex", "any", "any-command", True),
        ("^/.*$", "regex", "given", "shell", False),
        ("/usr/bin/cat", "plain", "any", "read-any-file", False),
        ("/usr/sbin/mkfs.ext4", "plain", "any", "write-any-file", True),
        ("/usr/sbin/groupmems", "plain", "any", "shell", True),
        ("/usr/bin/mknod", "plain", "any", "write-any-file", True),
        ("/usr/sbin/iptables", "plain", "any", "shell", False),
        ("/usr/bin/journalctl", "plain", "any", "shell", False),
        ("/usr/bin/lscpu", "plain", "any", "read-any-file", False),
        ("/usr/bin/gzip", "plain", "any", "read-any-file", False),
        ("^/usr/bin/x$", "regex", "any", "shell", False),
        ("list", "word", "any", "limited", True),
        ("sudoedit", "word", "any", "write-any-file", True),
        ("sudoedit", "word", "wildcard", "write-any-file", False),
        ("sudoedit /etc/sudoers", "word", "given", "write-any-file", True),
        ("sudoedit /srv/x", "word", "given", "limited", True),
    ],
)
def test_what_a_command_gives(name: str, path: str, args: str, gives: str, certain: bool) -> None:
    found = of_command(name, path, args)
    assert (found.gives, found.certain) == (gives, certain)
    assert bool(found.engine) == (gives == "engine") and found.how


@pytest.mark.parametrize(
    ("does", "gives", "certain"),
    [
        ("free", "engine", True),
        ("shell", "engine", True),
        ("root-file", "write-any-file", True),
        ("host", "engine", True),
        ("working-directory", "engine", True),
        ("unknown", "engine", False),
        ("pager", "shell", False),
        ("systemd-pager", "shell", False),
        ("program", "limited", True),
        ("harmless", "limited", True),
    ],
)
def test_what_it_gives_by_what_it_does_with_its_arguments(does: str, gives: str, certain: bool) -> None:
    found = of_command("/usr/bin/docker", "plain", "given", does)
    assert (found.gives, found.certain) == (gives, certain)


@pytest.mark.parametrize(
    ("name", "path", "args", "does", "unknown"),
    [
        ("/opt/deploy", "plain", "any", "", "program"),
        ("/bin/bash", "plain", "given", "program", "by-file"),
        ("/opt/tools/", "directory", "any", "", "directory"),
        ("/opt/*", "wildcard", "any", "", "pattern"),
        ("/usr/bin/whoam?", "wildcard", "any", "", "pattern"),
        ("sudoedit /srv/x", "word", "given", "", "edited-file"),
        # known to be harmless, or to give more
        ("/usr/bin/chage", "plain", "any", "", ""),
        ("/bin/ls", "plain", "any", "", ""),
        ("/opt/acme/groups", "plain", "any", "", "program"),
        ("/usr/local/bin/sync", "plain", "any", "", "program"),
        ("/sbin/reboot", "plain", "given", "harmless", ""),
        ("/usr/bin/systemctl", "plain", "given", "harmless", ""),
        ("/usr/bin/docker", "plain", "none", "", ""),
        ("sudoedit", "word", "none", "", ""),
        ("list", "word", "any", "", ""),
        ("/usr/bin/vi", "plain", "any", "", ""),
        ("/usr/bin/", "directory", "any", "", ""),
        ("/usr/bin/dock*", "wildcard", "any", "", ""),
    ],
)
def test_why_it_is_not_known_what_a_command_does(name: str, path: str, args: str, does: str, unknown: str) -> None:
    assert of_command(name, path, args, does).unknown == unknown


@pytest.mark.parametrize(("files", "roots"), [("/etc/passwd", True), ("/etc/motd", False), ("/etc/motd /etc/cron.d/x", True), ("/root/.bashrc", True)])
def test_files_that_root_obeys(files: str, roots: bool) -> None:
    assert edits_roots(files) is roots
