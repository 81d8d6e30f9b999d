import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host import Nonsense
from hostcheck_builtin.credentials.gitlab_runner import GitlabJobs, jobs


def docker(text: str, executor: str = "docker") -> str:
    return f'[[runners]]\nname = "x"\ntoken = "glrt-secret"\nexecutor = "{executor}"\n[runners.docker]\nimage = "alpine"\n{text}\n'


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", GitlabJobs(False, ())),
        ('[[runners]]\nexecutor = "shell"\n', GitlabJobs(True, ())),
        (docker("privileged = false"), GitlabJobs(False, ())),
        (docker("privileged = true"), GitlabJobs(False, ("privileged",))),
        (docker("services_privileged = true"), GitlabJobs(False, ("privileged",))),
        (docker("privileged = true", "kubernetes"), GitlabJobs(False, ())),
        (docker('privileged = true\nhost = "tcp://far:2376"'), GitlabJobs(False, ())),
        (docker('privileged = true\nhost = "unix:///var/run/docker.sock"'), GitlabJobs(False, ("privileged",))),
        (docker('privileged = true\nhost = "unix:///run/user/999/podman/podman.sock"'), GitlabJobs(False, ())),
        (docker('volumes = ["/cache", "/cache:/cache"]'), GitlabJobs(False, ())),
        (docker('volumes = ["/var/run/docker.sock:/var/run/docker.sock:ro"]'), GitlabJobs(False, ("socket",))),
        (docker('volumes = ["/:/host"]'), GitlabJobs(False, ("directory", "socket"))),
        (docker('volumes = ["/etc:/etc:rslave,ro", "/srv/cache:/cache"]'), GitlabJobs(False, ())),
        (docker('volumes = ["/:/host:ro"]'), GitlabJobs(False, ("socket",))),
        (docker('volumes = ["/etc/cron.d:/x"]'), GitlabJobs(False, ("directory",))),
        (docker('volumes = ["/var/run/:/x"]\nprivileged = true'), GitlabJobs(False, ("directory", "privileged", "socket"))),
        (docker("") + docker("privileged = true"), GitlabJobs(False, ("privileged",))),
    ],
)
def test_what_jobs_get(text: str, found: GitlabJobs) -> None:
    assert jobs("x", tomllib.loads(text)) == found


def test_what_gitlab_runner_would_not_read() -> None:
    with pytest.raises(Nonsense):
        jobs("x", {"runners": [{"executor": "docker", "docker": 1}]})


VALUES = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner)
)


@given(
    st.fixed_dictionaries(
        {}, optional={"executor": VALUES, "docker": st.fixed_dictionaries({}, optional=dict.fromkeys(("host", "privileged", "volumes"), VALUES))}
    )
)
def test_any_values(runner: dict[str, Any]) -> None:
    for one in ({**runner, "executor": "docker"}, runner):
        assert isinstance(jobs("x", {"runners": [one, 1]}), GitlabJobs)
