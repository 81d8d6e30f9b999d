import json
from typing import Any, ClassVar

import pytest
from credentials.credential_host import GITLAB, cluster, runners
from credentials.test_gitlab_runner import docker
from files.file_host import TABLE, file

from hostcheck.model import Hole, OpenObject
from hostcheck.parting import part
from hostcheck.testing import ProbeContract
from hostcheck_builtin.credentials import PROBES
from hostcheck_builtin.credentials.probe_ci_runners import GITLAB_OF_USER

SYSTEM = "/etc/systemd/system"
UNIT = f"{SYSTEM}/gitlab-runner.service"
SHELL = '[[runners]]\nexecutor = "shell"\n'
START = "[Service]\nExecStart=/usr/bin/gitlab-runner"
USUAL = f'{START} "run" "--config" "{GITLAB}" "--working-directory" "/home/gitlab-runner" "--service" "gitlab-runner" "--user" "gitlab-runner"\n'
GITHUB = "actions.runner.acme-web.host1.service"


@pytest.mark.parametrize(
    ("unit", "users"),
    [
        (USUAL, ["gitlab-runner"]),
        (f"{START} run --user=ci\n", ["ci"]),
        (f"{START} run -u ci\n", ["ci"]),
        (f"{START} run\n", ["root"]),
        (f"{START} run --user ci\nUser=ann\n", ["ann"]),
    ],
)
def test_as_whom_jobs_run_without_a_container(unit: str, users: list[str]) -> None:
    assert runners({GITLAB: SHELL, UNIT: unit})[GITLAB] == {"runner": "gitlab", "users": users, "containers": [], "starts": True}


def test_what_containers_of_jobs_get() -> None:
    assert runners({GITLAB: docker("privileged = true")})[GITLAB] == {"runner": "gitlab", "users": [], "containers": ["privileged"], "starts": False}
    assert runners({GITLAB: docker(""), UNIT: USUAL})[GITLAB]["containers"] == []


def test_the_runner_of_a_user_has_that_users_rights() -> None:
    found = runners({GITLAB_OF_USER: docker("privileged = true")}, stats={GITLAB_OF_USER: file(998, 0o600)})[GITLAB_OF_USER]
    assert found == {"runner": "gitlab", "users": ["998"], "containers": [], "starts": False}


@pytest.mark.parametrize(
    ("unit", "kind"),
    [(GITHUB, "github"), ("buildkite-agent.service", "buildkite-agent"), ("jenkins.service", "jenkins"), ("jenkins-agent.service", "jenkins")],
)
def test_runners_by_their_units(unit: str, kind: str) -> None:
    path = f"{SYSTEM}/{unit}"
    assert runners({path: "[Service]\nUser=ci\n"}) == {unit: {"runner": kind, "users": ["ci"], "containers": [], "starts": True}}
    assert runners({path: "[Service]\n"})[unit]["users"] == ["root"]
    assert runners({path: "[Service]\nUser=ci\n", f"{path}.d/a.conf": "[Service]\nUser=root\n"})[unit]["users"] == ["root"]
    assert runners({path: "[Service]\nDynamicUser=yes\n"})[unit]["users"] == [unit.removesuffix(".service")]
    assert runners({f"/usr/lib/systemd/system/{unit}": "[Service]\nUser=ci\n"}, links={path: "/dev/null"}) == {}
    assert isinstance(runners({path: PermissionError(13, "no")})[unit], Hole)


def test_other_units_are_none() -> None:
    assert runners({f"{SYSTEM}/{name}.service": "[Service]\n" for name in ("actions-runner", "jenkins2", "my-jenkins", "cron")}) == {}


def test_what_is_not_known_leaves_it_open() -> None:
    for wrong in (PermissionError(13, "no"), "x", docker("").replace("[runners.docker]", "docker = 1\n[x]")):
        found = runners({GITLAB: wrong})
        assert isinstance(found, OpenObject) and not found


def test_what_a_user_mounts_is_not_looked_at() -> None:
    table = f"{TABLE}30 27 0:40 / /home/gitlab-runner rw - fuse.x x rw\n"
    found = runners({GITLAB: SHELL, GITLAB_OF_USER: SHELL, "/proc/self/mountinfo": table})
    assert isinstance(found, OpenObject) and list(found) == [GITLAB]


def test_no_token_is_stated() -> None:
    for text in (docker("privileged = true"), docker("privileged = true") + '[[[ "glrt-secret'):
        assert "glrt-secret" not in json.dumps(part(runners({GITLAB: text, GITLAB_OF_USER: text})))


class TestCiRunners(ProbeContract):
    probe = PROBES[0]
    hosts: ClassVar[Any] = {
        "some": cluster({GITLAB: SHELL + docker("privileged = true"), UNIT: USUAL, GITLAB_OF_USER: SHELL, f"{SYSTEM}/{GITHUB}": "[Service]\nUser=ci\n"}),
        "nothing": cluster(),
    }
