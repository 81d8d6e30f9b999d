import pytest

from hostcheck_builtin.privileged_programs.rules_settings import NOTHING, Setting, SudoSettings


def settings(*given: Setting) -> SudoSettings:
    found = SudoSettings()
    found.take(given)
    return found


def test_without_any() -> None:
    found = SudoSettings()
    assert (found.needs(None), found.environment()) == ("own-password", ("", True))


def test_the_last_counts() -> None:
    assert settings(("authenticate", "", ()), ("authenticate", "!", ())).needs(None) == NOTHING
    assert settings(("authenticate", "!", ()), ("authenticate", "", ())).needs(None) == "own-password"


def test_the_tag_of_a_rule_counts_more() -> None:
    found = settings(("authenticate", "!", ()), ("setenv", "", ()))
    assert (found.needs(True), found.environment(False)) == ("own-password", ("", True))
    assert (settings().needs(False), bool(settings().environment(True)[0])) == (NOTHING, True)


@pytest.mark.parametrize("name", ["targetpw", "rootpw", "runaspw"])
def test_another_password(name: str) -> None:
    assert settings((name, "", ())).needs(None) == "other-secret"


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
