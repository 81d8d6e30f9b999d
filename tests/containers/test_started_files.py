"""What containers run of the host: which paths their commands name below which mounts, and how sure that is."""

from typing import Any

import pytest
from containers.container_host import DOCKERS, bind, facts, inspected

from hostcheck.host.answers import Stat
from hostcheck.model import OpenObject, Why

JOBS = bind("/srv/jobs", "/jobs")
ALWAYS = {"Name": "unless-stopped", "MaximumRetryCount": 0}
ANNS = {"/srv/jobs": Stat(type="dir", uid=1000, gid=1000, mode=0o755)}
RUN = {"/srv/jobs/run.sh": True}


def starts(*words: str, stats: Any = None, links: Any = None, **given: Any) -> Any:
    """Return what is stated of the host that a container with this command and mount runs, None where nothing is."""
    one = inspected(**{"Path": words[0], "Args": list(words[1:]), "Cmd": None, "Mounts": [JOBS], "RestartPolicy": ALWAYS, **given})
    there = {"/srv/jobs/run.sh": "", "/srv/jobs/sub/x.py": ""}
    more = {"files": there, "stats": ANNS if stats is None else stats, "links": {**DOCKERS["links"], **(links or {})}}
    return facts(one, **more)["containers"]["docker:web"].get("starts")


def sure(found: Any) -> dict[str, Any]:
    return {path: next(iter(one["uses"].values()))["certain"] for path, one in (found or {}).items()}


@pytest.mark.parametrize(
    ("words", "given", "found"),
    [
        (("/jobs/run.sh",), {}, RUN),
        (("sh", "/jobs/run.sh", "hunter2"), {}, RUN),
        (("/bin/sh", "-c", "/jobs/run.sh --all"), {}, RUN),
        (("sh", "-c", "if true; then /jobs/run.sh; fi"), {}, {"/srv/jobs/run.sh": False}),
        (("tini", "--", "/jobs/run.sh"), {}, RUN),
        (("./run.sh",), {"WorkingDir": "/jobs"}, RUN),
        (("run.sh",), {"WorkingDir": "/jobs"}, {}),
        (("python3", "/jobs/sub/x.py"), {}, {"/srv/jobs/sub/x.py": True}),
        (("/jobs/../jobs/run.sh",), {}, RUN),
        (("/entrypoint", "/jobs/run.sh"), {"Cmd": ["/jobs/run.sh"]}, {"/srv/jobs/run.sh": False}),
        (("/entrypoint", "/jobs/run.sh"), {}, {}),
        (("cat", "/jobs/run.sh"), {}, {}),
        (("/other/run.sh",), {}, {}),
        (("/jobsx/run.sh",), {}, {}),
        (("/jobs/run.sh",), {"Mounts": []}, {}),
        (("/jobs/run.sh",), {"Mounts": [JOBS, {"Type": "tmpfs", "Destination": "/jobs/run.sh", "RW": True}]}, {}),
        (("/jobs/run.sh",), {"Mounts": [JOBS, bind("/srv/jobs/sub/x.py", "/jobs/run.sh")]}, {"/srv/jobs/sub/x.py": True}),
        (("/jobs/run.sh",), {"Mounts": [bind("/", "/host"), bind("/srv/jobs", "/jobs", writable=False)]}, RUN),
        (("/host/srv/jobs/run.sh",), {"Mounts": [bind("/", "/host")]}, RUN),
        (("/jobs/run.sh",), {"RestartPolicy": {"Name": "always", "MaximumRetryCount": 0}}, RUN),
        (("/jobs/run.sh",), {"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 0}}, {"/srv/jobs/run.sh": False}),
        (("/jobs/run.sh",), {"RestartPolicy": {"Name": "no", "MaximumRetryCount": 0}}, {"/srv/jobs/run.sh": False}),
    ],
)
def test_what_a_command_runs_of_the_host(words: tuple[str, ...], given: dict[str, Any], found: dict[str, bool]) -> None:
    assert sure(starts(*words, **given)) == found


def test_what_root_alone_can_change_is_not_stated() -> None:
    assert starts("/jobs/run.sh", stats={}) is None
    assert sure(starts("/jobs/run.sh", stats={"/srv/jobs/run.sh": Stat(type="file", uid=0, gid=0, mode=0o777)})) == RUN


def test_a_link_may_lead_elsewhere_in_the_container() -> None:
    found = starts("/jobs/now/x.py", links={"/srv/jobs/now": "/srv/jobs/sub"})
    assert sure(found) == {"/srv/jobs/now/x.py": False}


def test_a_command_that_is_not_told_leaves_open_what_is_run_of_the_host() -> None:
    found = starts("/jobs/run.sh", Args=7)
    assert isinstance(found, OpenObject) and found.hole.why is Why.NONSENSE
    assert starts("/jobs/run.sh", Args=7, Mounts=[]) is None
