import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.api import LimitExceeded
from hostcheck_builtin.root_programs.crontab_lines import counts, jobs, periods


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("* * * * * root /a b", ("root", "/a b", False)),
        ("\t17 *\t* * *\troot\tcd / && x", ("root", "cd / && x", False)),
        ("*/5 1-3,7 * jan mon-fri www-data /a", ("www-data", "/a", False)),
        ("-*/15 * * * * root /a", ("root", "/a", False)),
        ("@reboot root /a", ("root", "/a", True)),
        ("@daily ann /a\\%b%c", ("ann", "/a%b", False)),
        ("@never root /a", None),
        ("* * * * root", None),
        ("* * * * * root", None),
        ("# * * * * * root /a", None),
        ("a;b * * * * root /a", None),
        ("* * * * * ro/ot /a", None),
    ],
)
def test_a_job(line: str, wanted: tuple[str, str, bool] | None) -> None:
    assert [(job.user, job.command, job.reboot) for job in jobs(line)] == ([wanted] if wanted else [])


def test_settings_hold_for_the_lines_behind_them() -> None:
    text = 'PATH=/a\n"SHELL" = \'/b\'\n* * * * * /x\n  PATH  =  "/c"\n* * * * * A=b /y\n'
    first, last = jobs(text, "ann")
    assert (first.line, first.user, first.settings) == (3, "ann", {"PATH": ("/a", 1), "SHELL": ("/b", 2)})
    assert (last.line, last.command, last.settings["PATH"]) == (5, "A=b /y", ("/c", 4))


def test_anacron() -> None:
    text = "SHELL=/bin/sh\n# 1 1 a b\n1\t5\tcron.daily\trun-parts \\\n  /etc/cron.daily\n@monthly 45 x /y\nx 1 y /z\n"
    assert [(job.line, job.command) for job in periods(text)] == [(3, "run-parts     /etc/cron.daily"), (4, "/y")]


@pytest.mark.parametrize(
    ("name", "debian", "others"),
    [
        ("a", True, True),
        ("A-b_9", True, True),
        ("a.b", False, True),
        (".a", False, False),
        ("a~", False, False),
        ("a.rpmsave", False, False),
        ("#a#", False, False),
    ],
)
def test_names_that_count(name: str, debian: bool, others: bool) -> None:
    assert (counts(name, debian=True), counts(name, debian=False)) == (debian, others)


def test_too_many_settings_are_said() -> None:
    with pytest.raises(LimitExceeded):
        list(jobs("".join(f"A{number}=b\n" for number in range(1000))))


@given(st.text(), st.sampled_from(["", "root"]))
def test_any_text_is_read(text: str, user: str) -> None:
    for job in [*jobs(text, user), *periods(text)]:
        assert job.command.strip() or not job.command
        assert 1 <= job.line <= text.count("\n") + 1


@given(st.lists(st.sampled_from(["*", "@daily", "@reboot", "root", "=", "/a", '"', "'", "%", "\\", "\n", "#", "5", "A"])).map(" ".join))
def test_any_words_are_read(text: str) -> None:
    assert all(job.user for job in [*jobs(text), *periods(text)])
