import pytest

from hostcheck_builtin.privileged_programs.command_effects import edits_roots, of_command


@pytest.mark.parametrize(
    ("name", "path", "args", "gives", "certain"),
    [
        ("/usr/bin/docker", "plain", "any", "engine", True),
        ("/usr/bin/docker", "plain", "wildcard", "engine", False),
        ("/usr/bin/docker", "plain", "given", "limited", True),
        ("/usr/bin/docker", "plain", "none", "limited", True),
        ("/bin/bash", "plain", "none", "shell", True),
        ("/bin/bash", "plain", "given", "limited", True),
        ("/usr/bin/python3.11", "plain", "any", "shell", True),
        ("/usr/bin/gcc-12", "plain", "any", "shell", True),
        ("/usr/bin/vi", "plain", "given", "shell", True),
        ("/usr/bin/less", "plain", "given", "shell", True),
        ("/usr/bin/less", "plain", "none", "limited", True),
        ("/usr/bin/systemctl", "plain", "given", "limited", True),
        ("/usr/bin/systemctl", "plain", "any", "shell", True),
        ("/usr/bin/tee", "plain", "any", "write-any-file", True),
        ("/opt/deploy", "plain", "any", "limited", True),
        ("/usr/bin/", "directory", "any", "any-command", True),
        ("/opt/tools/", "directory", "any", "limited", False),
        ("/usr/bin/*sh", "wildcard", "any", "shell", False),
        ("/usr/bin/dock*", "wildcard", "any", "engine", False),
        ("/*/bin/dock*", "wildcard", "any", "engine", False),
        ("/opt/*", "wildcard", "any", "limited", False),
        ("/usr/*", "wildcard", "any", "limited", False),  # a star matches no slash
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


@pytest.mark.parametrize(("files", "roots"), [("/etc/passwd", True), ("/etc/motd", False), ("/etc/motd /etc/cron.d/x", True), ("/root/.bashrc", True)])
def test_files_that_root_obeys(files: str, roots: bool) -> None:
    assert edits_roots(files) is roots
