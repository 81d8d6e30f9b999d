import pytest

from hostcheck_builtin.privileged_programs.sudo_settings import Setting, SudoSettings


def settings(*given: Setting) -> SudoSettings:
    found = SudoSettings()
    found.take(given)
    return found


def test_without_any() -> None:
    found = SudoSettings()
    assert (found.asks, found.others, found.environment()) == (True, False, ("", True))


def test_the_last_counts() -> None:
    assert not settings(("authenticate", "", ()), ("authenticate", "!", ())).asks
    assert settings(("authenticate", "!", ()), ("authenticate", "", ())).asks


@pytest.mark.parametrize("name", ["targetpw", "rootpw", "runaspw"])
def test_another_password(name: str) -> None:
    assert settings((name, "", ())).others


@pytest.mark.parametrize(
    ("given", "by", "certain"),
    [
        ([("setenv", "", ())], "such as LD_PRELOAD", True),
        ([("env_keep", "+=", ("LD_PRELOAD",))], "LD_PRELOAD", True),
        ([("env_keep", "=", ("LD_*",))], "LD_PRELOAD", True),
        ([("env_keep", "+=", ("DOCKER_HOST",))], "DOCKER_HOST", False),
        ([("env_keep", "+=", ("LANG", "DISPLAY"))], "", True),
        ([("env_keep", "+=", ("LD_PRELOAD",)), ("env_keep", "-=", ("LD_PRELOAD",))], "", True),
        ([("env_keep", "+=", ("LD_PRELOAD",)), ("env_keep", "=", ("LANG",))], "", True),
        ([("env_keep", "+=", ("LD_PRELOAD",)), ("env_keep", "!", ())], "", True),
        ([("env_reset", "!", ())], "sudo keeps", False),
        ([("env_keep", "+=", ("PATH",))], "PATH", False),
        ([("env_keep", "+=", ("PATH",)), ("secure_path", "=", ("/usr/bin",))], "", True),
    ],
)
def test_the_environment(given: list[Setting], by: str, certain: bool) -> None:
    how, sure = settings(*given).environment()
    assert (by in how if by else not how) and sure is certain


def test_a_copy_takes_more_by_itself() -> None:
    first = settings(("env_keep", "+=", ("A",)))
    first.copy().take([("env_keep", "+=", ("B",)), ("setenv", "", ())])
    assert (first.kept, first.flags) == ({"A"}, {})
