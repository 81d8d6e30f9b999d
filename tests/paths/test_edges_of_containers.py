"""Edges of containers: what leads out of a container that runs, and into it; one fact away there is no path."""

from typing import Any

import pytest
from paths.path_facts import CONNECT, GROUP, NOTHING, SURE, api, container, derived, host, people, socket, told

from hostcheck.model import Hole, Why, incomplete

HOLE = Hole(why=Why.DENIED, message="no")
BOB = {"bob": {"uid": 1001, "path": "/home/bob", "what": "the home of bob"}}
BOBS = socket(**people(bob="owner"))
NET = {"net": "host", "pid": "private"}
PLAIN = {"count": 1, "dac_override": False, "dac_read_search": False, "powers": []}
TAKES: dict[str, Any] = {"ways": [], "sees_processes": True, "takes_ids": True}
NOT_ROOT: dict[str, Any] = {"ways": [], "sees_processes": True, "root_inside": False}
BY_BOB = {"container:docker:web": [("likely", "nothing", ("escapes", *CONNECT))]}
OUT = [(*SURE, ("escapes",))]


def inside(uid: int = 1000, gid: int = 1000, traceable: Any = True) -> tuple[str, str, str, Any]:
    """Return a process in that container."""
    seen = {"count": 1, "pids": [7], "host_paths": [], "traceable": traceable}
    return ("principals", "processes", "one", {"uids": [uid] * 4, "gids": [gid] * 4, "containers": {"docker:0123456789ab": seen}, **PLAIN, "count": 0})


def outside() -> tuple[str, str, str, Any]:
    """Return a process of ann's in no container."""
    return ("principals", "processes", "two", {"uids": [1000] * 4, "gids": [1000] * 4, "containers": {}, **PLAIN})


ANN_BARRED = ("principals", "users", "ann", {"name": "ann", "uid": 1000, "gid": 1000, "home": "/home/ann", "shell": "/usr/sbin/nologin"})
"""Whose shell gives nobody a session."""


@pytest.mark.parametrize(
    ("added", "found"),
    [
        ((container(),), {"container:docker:web": OUT}),
        ((container(runs=False),), NOTHING),
        ((container(ways=["it reads files that only root may"]),), {"container:docker:web": [("likely", "nothing", ("escapes",))]}),
        ((container(ways=[], becomes=BOB),), NOTHING),
        ((container(ways=[], becomes=BOB), BOBS), {"bob": [(*SURE, CONNECT)], "container:docker:web": [(*SURE, ("escapes", *CONNECT))]}),
        ((container(ways=[], connects=["/run/docker.sock"]), socket(), GROUP), {"container:docker:web": [(*SURE, CONNECT)]}),
        ((container(ways=[], connects=["/run/docker.sock"]),), NOTHING),
        ((container(), inside()), {"ann": [("likely", "nothing", ("attaches", "escapes"))], "container:docker:web": OUT}),
        ((container(), inside(gid=50)), {"ann": [("likely", "nothing", ("attaches", "escapes"))], "container:docker:web": OUT}),
        ((container(), inside(), ANN_BARRED), {"container:docker:web": OUT}),
        ((container(), inside(), ANN_BARRED, outside()), {"ann": [("likely", "nothing", ("attaches", "escapes"))], "container:docker:web": OUT}),
        ((container(), inside(gid=0)), {"container:docker:web": OUT}),
        ((container(), inside(uid=1001, gid=50)), {"container:docker:web": OUT}),
        ((container(), inside(traceable=False)), {"container:docker:web": OUT}),
        ((container(), inside(traceable=HOLE)), {"container:docker:web": OUT}),
        ((container(no_new_privileges=True), inside()), {"container:docker:web": OUT}),
        ((container(id="ba9876543210"), inside()), {"container:docker:web": OUT}),
        ((container(ways=[]), inside()), NOTHING),
        ((container(ways=[], namespaces=NET),), NOTHING),
        ((container(ways=[], namespaces=NET), api()), {"every local user": [(*SURE, CONNECT)], "container:docker:web": [(*SURE, ("connects", *CONNECT))]}),
        ((container(ways=[], namespaces=NET), api(tls="mutual")), NOTHING),
        ((container(ways=[], namespaces=NET), api(network="other")), {"every local user": [("likely", "nothing", CONNECT)]}),
        ((container(ways=[], namespaces=NET), socket(type="abstract")), {"container:docker:web": [(*SURE, ("connects", *CONNECT))]}),
        ((container(ways=[], sees_processes=True), BOBS, inside(uid=1001)), {"bob": [(*SURE, CONNECT)], **BY_BOB}),
        ((container(ways=[], sees_processes=True, root_is_hosts=False), BOBS, inside(uid=1001)), {"bob": [(*SURE, CONNECT)]}),
        ((container(ways=[], sees_processes=True), BOBS), {"bob": [(*SURE, CONNECT)]}),
        ((container(**NOT_ROOT, inside_uid=1001), BOBS, inside(uid=1001)), {"bob": [(*SURE, CONNECT)], **BY_BOB}),
        ((container(**NOT_ROOT, inside_uid=1000), BOBS, inside(uid=1001)), {"bob": [(*SURE, CONNECT)]}),
    ],
)
def test_who_can_become_root(added: tuple[Any, ...], found: dict[str, Any]) -> None:
    assert told(*added) == found


def process(**more: Any) -> tuple[str, str, str, Any]:
    """Return a process of a user's in no container."""
    return ("principals", "processes", "one", {"uids": [1000] * 4, "gids": [1000] * 4, "containers": {}, **PLAIN, **more})


@pytest.mark.parametrize(
    ("facts", "more", "strength"),
    [
        (TAKES, process(), "certain"),
        (TAKES, process(uids=[0] * 4), "likely"),
        (TAKES, process(count=0), "likely"),
        (TAKES, process(powers=["cap_setuid"]), "likely"),
        (TAKES, process(traceable=False), "likely"),
        ({**TAKES, "confined": {"apparmor": False, "selinux": False}}, process(), "certain"),
        ({**TAKES, "confined": {"apparmor": True, "selinux": False}}, process(), None),
        ({**TAKES, "confined": {"apparmor": False, "selinux": True}}, process(), None),
        ({**TAKES, "confined": {"apparmor": HOLE, "selinux": False}}, process(), "potential"),
        ({**TAKES, "takes_ids": HOLE}, process(), "potential"),
        ({**TAKES, "takes_ids": False}, process(), None),
        ({**TAKES, "sees_processes": False}, process(), None),
        ({**TAKES, "root_is_hosts": False}, process(), None),
        ({**TAKES, "root_inside": False, "inside_uid": 1000}, process(), None),
        ({**TAKES, "sandbox": "gvisor"}, process(), None),
    ],
)
def test_root_that_takes_ids_gets_by_a_users_process_to_the_hosts_files(facts: dict[str, Any], more: Any, strength: str | None) -> None:
    """Tried in a container of docker's with the host's processes and all else as usual, on a kernel without AppArmor."""
    found = [one[0] for one in told(container(**facts), more).get("container:docker:web", [])]
    assert found == ([strength] if strength else [])


@pytest.mark.parametrize(
    ("path", "doubts", "pid", "found"),
    [
        ("/", {}, "private", OUT),
        ("/etc", {}, "private", [*OUT, ("likely", "nothing", ("escapes",))]),
        ("/", {"host_mounts": "where no security module refuses it"}, "private", 2 * [("likely", "nothing", ("escapes",))]),
        ("/", {}, "host", [*OUT, ("likely", "nothing", ("escapes",))]),
    ],
)
def test_the_processes_that_a_mount_of_the_root_shows_are_not_a_second_way(path: str, doubts: Any, pid: str, found: Any) -> None:
    """That mount surely leads to root, and one change takes both; the PID namespace of the host is another fact."""
    mounts = {"/host": {"path": path, "place": "/host", "what": "of the host"}}
    facts = {**TAKES, "ways": ["it writes to files of the host"], "host_mounts": mounts, "doubts": doubts, "namespaces": {"net": "private", "pid": pid}}
    assert told(container(**facts))["container:docker:web"] == found


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"namespaces": {"net": HOLE, "pid": "private"}}, ("connects", *CONNECT)),
        ({"sees_processes": HOLE}, ("escapes",)),
        ({"sees_processes": True, "root_inside": HOLE}, ("escapes",)),
    ],
)
def test_where_it_is_not_known_what_it_has_of_the_hosts_there_may_be_a_path(facts: dict[str, Any], found: tuple[str, ...]) -> None:
    assert told(container(**{"ways": [], **facts}), api())["container:docker:web"] == [("potential", "nothing", found)]


@pytest.mark.parametrize(("pid", "what", "rules"), [("host", "the processes of the host", ["HC-CTR-08"]), ("private", "the host's /proc", [])])
def test_how_it_sees_the_processes_of_the_host(pid: str, what: str, rules: list[str]) -> None:
    one = container(ways=[], sees_processes=True, namespaces={"net": "private", "pid": pid})
    found = derived(host(one, BOBS, inside(uid=1001)))
    ((step, *_),) = (path["steps"] for path in found["paths"] if "docker:web" in path["principal"])
    assert f"sees {what}, and" in step["because"]


@pytest.mark.parametrize(
    ("fact", "facts", "more"),
    [("privileged", {}, ()), ("becomes", {"ways": [], "becomes": BOB}, (BOBS,)), ("connects", {"ways": [], "connects": ["/run/docker.sock"]}, (socket(),))],
)
def test_a_way_that_takes_something_beside_is_likely(fact: str, facts: dict[str, Any], more: Any) -> None:
    """Its user is not root, and may become that by a setuid program of its image."""
    sure, likely, hidden = (
        told(container(**facts, doubts=doubts), *more)["container:docker:web"] for doubts in ({}, {fact: "its user is uid 7"}, {fact: HOLE})
    )
    assert sure[0][0] == "certain" and {one[0] for one in likely} == {"likely"} and "certain" not in {one[0] for one in hidden}
    ((step, *_),) = (
        one["steps"] for one in derived(host(container(**facts, doubts={fact: "its user is uid 7"}), *more))["paths"] if "docker:web" in one["principal"]
    )
    assert step["because"].endswith("; its user is uid 7")


def test_what_is_not_known_of_another_way_makes_none_likely() -> None:
    assert told(container(doubts=incomplete({"host_mounts": HOLE}, HOLE))) == {"container:docker:web": OUT}


@pytest.mark.parametrize(
    ("facts", "who"),
    [({}, "root"), ({"inside_uid": 7}, "whoever is"), ({"inside_uid": 7, "doubts": {"privileged": "x"}}, "root"), ({"doubts": {"privileged": "x"}}, "root")],
)
def test_who_goes_a_way(facts: dict[str, Any], who: str) -> None:
    ((step,),) = (path["steps"] for path in derived(host(container(**facts)))["paths"])
    assert step["because"].startswith(f"{who} in docker:web reaches the host")


@pytest.mark.parametrize("fact", ["becomes", "connects", "ways"])
def test_what_is_not_known_of_a_container_may_lead_to_root(fact: str) -> None:
    assert told(container(**{"ways": [], fact: HOLE})) == {"container:docker:web": [("potential", "nothing", ("escapes",))]}


def test_of_a_user_s_container_only_its_ways_count() -> None:
    facts = host(container(ways=[]))
    for fact in ("becomes", "connects"):
        del facts["container-escape"]["containers"]["docker:web"][fact]
    assert list(derived(facts)["paths"]) == []


@pytest.mark.parametrize(("many", "found"), [(19, [("likely", "nothing", ("escapes", *CONNECT))]), (20, [("potential", "nothing", ("escapes",))])])
def test_of_more_users_with_processes_than_are_told_one_may_lead_to_root(many: int, found: Any) -> None:
    """The last by name is the one who does."""
    users = [("principals", "users", f"a{number:02}", {"name": f"a{number:02}", "uid": 2000 + number, "gid": 50, "home": "/"}) for number in range(many)]
    zoe = ("principals", "users", "zoe", {"name": "zoe", "uid": 3000, "gid": 50, "home": "/"})
    lives = [
        ("principals", "processes", str(uid), {"uids": [uid] * 4, "gids": [50] * 4, "containers": {}, **PLAIN}) for uid in (*range(2000, 2000 + many), 3000)
    ]
    paths = told(container(ways=[], sees_processes=True), socket(**people(zoe="owner")), *users, zoe, *lives)
    assert paths["container:docker:web"] == found
