import pytest

from hostcheck_builtin.root_programs.run_by_others import arguments


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        ("/a /b", [("/a", False)]),
        ("sh /a /b", [("sh", False), ("/a", False)]),
        ("/bin/bash -e /a", [("/bin/bash", False), ("/a", False)]),
        ("bash -ec text /b", [("bash", False), ("text", True)]),
        ("bash --norc", [("bash", False)]),
        ("python3 -u /a.py /b", [("python3", False), ("/a.py", False)]),
        ("python3 -m mod /b", [("python3", False)]),
        ("env -i A=/x nice -n -5 perl /a", [("env", False), ("nice", False), ("perl", False), ("/a", False)]),
        ("timeout -k 5 1m /a", [("timeout", False), ("/a", False)]),
        ("flock -n /lock /a", [("flock", False), ("/a", False)]),
        ("flock -n /lock -c text", [("flock", False), ("text", True)]),
        ("chroot /x /a", [("chroot", False), ("/a", False)]),
        ("run-parts --report /a", [("run-parts", False), ("/a", None)]),
        ("nohup -- /a", [("nohup", False), ("/a", False)]),
        ("nice", [("nice", False)]),
        ("env", [("env", False)]),
    ],
)
def test_what_a_command_runs(command: str, wanted: list[tuple[str, bool | None]]) -> None:
    assert list(arguments(command.split())) == wanted


def test_programs_that_run_one_another_without_end() -> None:
    assert len(list(arguments(["env"] * 10_000))) < 20
