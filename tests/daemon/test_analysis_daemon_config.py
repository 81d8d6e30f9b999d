"""Three answers for each setting, from facts that the probes state of hosts in memory; and what is hidden of them only makes holes."""

from typing import Any

import pytest
from daemon.daemon_host import ANNS, ANNS_JSON, DOCKER, HEAD, JSON, anns, host, merged, owned, roots
from engines.engine_host import docker, process, said
from sockets import access

from hostcheck import registry
from hostcheck.host.answers import Peer
from hostcheck.model import Hole, OpenObject, Why
from hostcheck.testing import AnalysisContract
from hostcheck.testing.analyses import derived
from hostcheck.testing.probes import stated
from hostcheck_builtin.daemon import ANALYSES, services

REGISTRY = registry.load()
UNIT = {"/usr/lib/systemd/system/docker.service": "[Service]\nExecStart=/usr/bin/dockerd -H unix:///run/docker.sock $OPTS\nEnvironment=OPTS=\n"}
BOOTED = {services.SYSTEMD: owned("dir", 0, 0o755)}
SCOPE = {
    "sockets": {},
    "user_sockets": {ANNS: {"engine": "docker", "running": True, "who": "ann (uid 1000)"}},
    "rootful_docker": [],
    "users": {},
    "rootless_users": {},
}
READS = ("docker-daemons", "user-docker-daemons", "engines", "user-engines")
LEFT = Hole(why=Why.LIMIT, message="uid 1001 has 11 processes called like an engine, and not all of them are looked at")
PEOPLE = {name: one for name, one in access.facts().items() if name in ("nss", "principals")}
INSIDE = {"scan": {"init_userns": True}}


def document(given: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the facts that the probes state of a host."""
    made = {name: stated(REGISTRY.probes[name].collect, host(**given)) for name in READS}
    return {**made, **PEOPLE, "host": INSIDE, "engine-scope": SCOPE, **more}


def derive(given: dict[str, Any], **more: Any) -> Any:
    return derived(ANALYSES[0], document(given, **more), {})


def answering(name: str = "docker-rootful", **more: Any) -> dict[str, Any]:
    return {"answers": {DOCKER: docker(name, **more)}}


def test_what_runs_and_what_a_restart_would_give() -> None:
    one = derive(roots("dockerd -H unix:///run/docker.sock --icc=false", files={JSON: '{"debug": true}'}, **answering()))["daemons"][DOCKER]
    assert one["settings"]["icc"] == {"running": False, "configured": False, "after_restart": False, "by": "flag", "where": "by a flag of dockerd"}
    assert one["settings"]["debug"] == {"running": False, "configured": True, "after_restart": True, "by": "file", "where": f"in {JSON}"}
    assert one["settings"]["live-restore"] == {"running": False, "configured": False, "after_restart": False, "by": "default", "where": "by default"}
    assert one["settings"]["userland-proxy"] == {"configured": True, "after_restart": True, "by": "default", "where": "by default"}
    assert "tlsverify" not in one["settings"]
    assert one["differences"] == {"debug": {"running": "false", "after_restart": "true"}}
    assert (one["refuses"], one["running"], one["restarted_by"], one["listens_on_tcp"]) == ([], True, "", False)
    assert (one["swarm"], one["open_api"], one["remapped"]) == ("inactive", {}, False)


@pytest.mark.parametrize(
    ("line", "text", "refuses"),
    [
        ("dockerd -H fd://", '{"hosts": ["fd://"]}', ["hosts is set by a flag of dockerd and in /etc/docker/daemon.json"]),
        ("dockerd --label a=b", '{"labels": []}', ["labels is set by a flag of dockerd and in /etc/docker/daemon.json"]),
        ("dockerd --add-runtime a=/b", '{"runtimes": {}}', []),
        ("dockerd --iptables=false", '{"icc": false}', ["icc is false, which needs packet filter rules, and iptables is false"]),
        ("dockerd", '{"icc": false,}', ["/etc/docker/daemon.json: no JSON at line 1"]),
        ("dockerd", '{"ICC": false}', ["/etc/docker/daemon.json: it writes the key icc in other letters"]),
    ],
)
def test_why_it_would_not_start_again(line: str, text: str, refuses: list[str]) -> None:
    found = derive(roots(line, files={JSON: text}, **answering()))["daemons"][DOCKER]["refuses"]
    assert [one.partition(" at line")[0] for one in found] == [one.partition(" at line")[0] for one in refuses]


def test_a_unit_that_was_changed_since() -> None:
    given = roots(
        cgroup="0::/system.slice/docker.service\n",
        files={**UNIT, "/etc/systemd/system/docker.service.d/x.conf": "[Service]\nEnvironment=OPTS=-Htcp://0.0.0.0:2375\n"},
        stats=BOOTED,
    )
    one = derive(merged(given, answering()))["daemons"][DOCKER]
    assert one["restarted_by"] == "docker.service"
    assert one["differences"]["hosts"] == {"running": "unix:///run/docker.sock", "after_restart": "unix:///run/docker.sock, tcp://0.0.0.0:2375"}
    assert one["settings"]["hosts"]["configured"] == ["unix:///run/docker.sock"]
    assert one["listens_on_tcp"] is True


def test_a_daemon_that_does_not_run() -> None:
    one = derive(
        {"processes": (), "files": {**UNIT, JSON: '{"seccomp-profile": "unconfined"}'}, "stats": BOOTED, "links": {"/proc/self/ns/user": "user:[4026531837]"}}
    )
    daemon = one["daemons"]["docker.service"]
    assert daemon["running"] is False and "swarm" not in daemon
    assert daemon["settings"]["seccomp-profile"] == {"configured": "unconfined", "after_restart": "unconfined", "by": "file", "where": f"in {JSON}"}
    assert daemon["differences"] == {}


def test_a_runtime_that_was_exchanged_in_the_file_runs_still() -> None:
    files = {JSON: '{"runtimes": {"own": {"path": "/opt/new"}, "other": {"path": "/opt/old"}}}', "/opt/new": "", "/opt/old": ""}
    info = said('{"Runtimes": {"own": {"path": "/opt/old"}, "gone": {"path": "/opt/gone"}}}')
    runtimes = derive(roots(files=files, stats={"/opt/old": owned("file", 1000)}, **answering(**{"/info": info})))["daemons"][DOCKER]["runtimes"]
    told = {name: (one["program"], one["root_owned"]) for name, one in runtimes.items() if not isinstance(one, Hole)}
    assert told["own"] == ("/opt/new", True) and told["own until a restart"] == ("/opt/old", False)
    assert isinstance(runtimes["gone"], Hole)


def test_a_users_daemon_is_told_of_that_user() -> None:
    given = merged(
        anns("dockerd --icc=false", files={ANNS_JSON: '{"insecure-registries": ["reg.local:5000"]}'}),
        {"answers": {ANNS: docker("docker-rootless-slirp4netns", 1000)}},
    )
    found = derive(given)
    assert found["daemons"] == {}
    one = found["all"][ANNS]
    assert (one["uid"], one["who"], one["rootless"], one["running"]) == (1000, "ann (uid 1000)", True, True)
    assert one["remote_registries"] == {"running": [], "after_restart": ["reg.local:5000"]}
    assert one["file"] == {"path": ANNS_JSON, "present": True}
    assert "remapped" not in one and "data-root" not in one["settings"] or "after_restart" not in one["settings"]["data-root"]


def test_what_no_socket_names_is_called_by_whose_it_is() -> None:
    facts = document(merged(roots(), answering()))
    one = document(anns("dockerd"))["user-docker-daemons"]["daemons"]["1000"][ANNS]
    facts["user-docker-daemons"]["daemons"] = {"1000": {"dockerd, process 700": one}, "1001": {"others": LEFT}, "4711": {"others": LEFT}}
    found = derived(ANALYSES[0], facts, {})["all"]
    assert not isinstance(found, OpenObject) and list(found) == ["dockerd, process 700 of ann", "others of bob", "others of uid 4711", DOCKER]
    assert isinstance(found["others of bob"], Hole) and found["dockerd, process 700 of ann"]["uid"] == 1000


def test_where_names_are_not_known_there_may_be_more() -> None:
    facts = document(anns("dockerd"), principals=access.DENIED)
    facts["user-docker-daemons"]["daemons"]["1001"] = {"others": LEFT}
    found = derived(ANALYSES[0], facts, {})["all"]
    assert isinstance(found, OpenObject) and list(found) == [ANNS]


@pytest.mark.parametrize(("uid", "told"), [(1000, True), (1001, False)])
def test_whoever_else_listens_at_the_name_tells_nothing(uid: int, told: bool) -> None:
    """A daemon of ann's that bound bob's name in mounts of its own gets none of bob's answers."""
    facts = document(merged(anns("dockerd"), {"answers": {ANNS: docker("docker-rootless-slirp4netns", 1000)}}))
    facts["user-engines"]["sockets"][ANNS]["uid"] = uid
    debug = derived(ANALYSES[0], facts, {})["all"][ANNS]["settings"]["debug"]
    assert ("running" in debug) is told and isinstance(debug, OpenObject) is not told


def test_an_endpoint_that_does_not_answer_leaves_holes_where_only_it_tells() -> None:
    one = derive(merged(roots("dockerd --icc=false"), answering(**{"/info": said("", status=500)})))["daemons"][DOCKER]
    assert one["settings"]["icc"]["running"] is False
    debug = one["settings"]["debug"]
    assert isinstance(debug, OpenObject) and debug == {"configured": False, "after_restart": False, "by": "default", "where": "by default"}
    assert isinstance(one["differences"], OpenObject) and isinstance(one["swarm"], Hole)
    assert one["refuses"] == []


UNCONFINED = '{"SecurityOptions": ["name=seccomp,profile=unconfined"]}'
SNAP = {
    **{"peers": {DOCKER: Peer(pid=7, uid=0, gid=0)}, "processes": (process(7, exe="/snap/docker/1/bin/dockerd", host=False),)},
    **{"files": {"/proc/7/mountinfo": "27 1 7:3 / / ro - squashfs /dev/loop3 ro\n"}, "links": {"/proc/self/ns/user": "user:[4026531837]"}},
}


def test_a_daemon_in_mounts_of_its_own_is_known_by_what_it_says() -> None:
    """That of a snap: no rule may say that there is none."""
    found = derive(merged(SNAP, answering(**{"/info": said(UNCONFINED)})))["daemons"]
    assert set(found) == {DOCKER} and found[DOCKER]["running"] is True
    seccomp = found[DOCKER]["settings"]["seccomp-profile"]
    assert isinstance(seccomp, OpenObject) and seccomp == {"running": "unconfined"}
    assert isinstance(found[DOCKER]["refuses"], Hole) and isinstance(found[DOCKER]["differences"], OpenObject)


def test_a_daemon_that_only_its_pidfile_shows_is_not_none() -> None:
    given = merged(SNAP, {"files": {"/var/snap/docker/current/run/docker.pid": "7"}})
    found = derive({**given, "peers": {}})["daemons"]
    assert isinstance(found, OpenObject) and not found


def test_in_a_user_namespace_nothing_is_known() -> None:
    assert isinstance(derived(ANALYSES[0], {**document(roots()), "host": {"scan": {"init_userns": False}}}, {}), Hole)


FULL = {
    "by hand": merged(
        roots(
            "dockerd -H unix:///run/docker.sock --icc=false",
            files={JSON: '{"debug": true, "hosts": [], "runtimes": {"own": {"path": "/opt/own"}}}', "/opt/own": ""},
        ),
        answering("dockerd-usernsremap"),
    ),
    "unit": merged(roots(cgroup="0::/system.slice/docker.service\n", files=UNIT, stats=BOOTED), answering()),
    "ann": merged(anns("dockerd", files={ANNS_JSON: '{"registry-mirrors": ["http://m"]}'}), {"answers": {ANNS: docker("docker-rootless-slirp4netns", 1000)}}),
    "ann listens nowhere": merged(anns("dockerd"), {"files": {"/proc/700/net/unix": HEAD}}),
    "snap": merged(SNAP, answering()),
    "idle": {"processes": (), "files": {**UNIT, JSON: "{"}, "stats": BOOTED},
}


class TestContract(AnalysisContract):
    """The contract, on hosts in memory; what the host and the scope of engines are is given in part."""

    analysis = ANALYSES[0]
    documents = {name: document(given) for name, given in FULL.items()}

    def test_it_is_given_what_probes_state(self, document: Any) -> None:
        """Of two of them only what is read is given."""
        partly = {name: facts for name, facts in document.items() if name not in ("host", "engine-scope", *PEOPLE)}
        assert set(partly) == set(READS)
