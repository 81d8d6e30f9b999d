"""The first screen: containers, listeners, relays, what a restart changes, and what opens at the next boot."""

from typing import Any

from hostcheck_builtin.formats import told_engines

HOLE = {"pointer": "/apis", "kind": "members", "why": "denied", "message": "/proc/net/tcp: Permission denied"}


def said(**sections: Any) -> dict[str, str]:
    return {about: says for about, says in told_engines.lines({name: {"holes": [], **section} for name, section in sections.items()})}


def test_without_anything_to_tell_there_is_no_line() -> None:
    assert said() == {}
    assert said(network={"apis": {}, "relays": {}}, restart={"daemons": {"docker": {"differences": {}, "refuses": []}}}, access={"sockets": {}}) == {}


def test_containers_are_counted_and_those_that_run_and_reach_the_host_are_named() -> None:
    reaches, idle = {"image": "app", "runs": True, "ways": ["it is privileged"]}, {"image": "app", "runs": True, "ways": []}
    found = {"docker:web": reaches, "docker:a": idle, "docker:old": {**reaches, "runs": False}, "podman(bob):db": reaches, "podman(bob):late": {}}
    assert said(containers={"containers": found}) == {
        "containers": "2 reach the host (docker:web, podman(bob):db); docker: 2 running, 1 stopped; podman(bob): 1 running, 0 stopped, 1 not known"
    }
    assert said(containers={"containers": {"containers of uid 7": {}}}) == {"containers": "not known: containers of uid 7"}
    assert said(containers={"containers": {"docker:a": idle}})["containers"] == "docker: 1 running, 0 stopped"


def test_of_many_containers_few_are_named_and_all_are_counted() -> None:
    found = {f"docker:c{number:03}": {"runs": True, "ways": ["it is privileged"]} for number in range(500)}
    told = said(containers={"containers": found, "holes": [{**HOLE, "pointer": "/containers"}]})["containers"]
    assert told.startswith("500 reach the host (docker:c000, ") and "docker:c005 and 494 more); docker: 500 running" in told and "docker:c006" not in told
    assert told.endswith("perhaps more (not known: /proc/net/tcp: Permission denied)")


def test_listeners_say_what_they_demand() -> None:
    apis = {
        "0.0.0.0:2375": {"engine": "docker", "serves": "api", "reach": "every address", "tls": "none"},
        "0.0.0.0:2376": {"engine": "docker", "serves": "api", "reach": "every address", "tls": "mutual"},
        "10.0.0.1:2376": {"engine": "docker", "reach": "one address"},
        "127.0.0.1:9323": {"engine": "docker", "serves": "other", "reach": "loopback", "tls": "none"},
        "[::]:9323": {"engine": "docker", "serves": "other", "reach": "every address", "tls": "none"},
    }
    assert said(network={"apis": apis})["on the network"].split("; ") == [
        "docker on 0.0.0.0:2375, no TLS",
        "docker on 10.0.0.1:2376, TLS not known",
        "docker (not its API) on [::]:9323, no TLS",
        "docker on 0.0.0.0:2376, client certificates",
    ]


def test_of_many_the_most_open_come_first() -> None:
    apis = {f"127.0.0.{number}:2375": {"engine": "docker", "reach": "loopback", "tls": "none"} for number in range(1, 9)}
    apis |= {f"10.0.0.{number}:2376": {"engine": "docker", "reach": "one address", "tls": "mutual"} for number in range(1, 9)}
    apis["[::]:2375"] = {"engine": "docker", "reach": "every address", "tls": "none"}
    assert said(network={"apis": apis})["on the network"].startswith("docker on [::]:2375, no TLS; docker on 10.0.0.1:2376, client certificates; ")


def test_what_is_not_known_of_them_is_said() -> None:
    assert said(network={"apis": {}, "holes": [HOLE]}) == {"on the network": "perhaps more (not known: /proc/net/tcp: Permission denied)"}


def test_relays_name_the_program_and_the_socket() -> None:
    relays = {"0.0.0.0:4000": {"exe": "/usr/bin/socat", "sockets": ["/run/docker.sock"], "reach": "every address"}}
    assert said(network={"relays": relays}) == {"passed on by": "/usr/bin/socat hands /run/docker.sock on at 0.0.0.0:4000"}


def test_a_restart_that_changes_something_is_told() -> None:
    daemon = {"differences": {"icc": {"running": "true", "after_restart": "false"}, "debug": {"after_restart": "true"}}, "refuses": ["hosts is set twice"]}
    assert said(restart={"daemons": {"/run/docker.sock": daemon}})["a restart changes"].split("; ") == [
        "/run/docker.sock would not start: hosts is set twice",
        "debug of /run/docker.sock from what is not known to true",
        "icc of /run/docker.sock from true to false",
    ]


def test_a_socket_that_opens_at_the_next_boot_is_told() -> None:
    sockets = {
        "/run/docker.sock": {"everyone": False, "users": {"ann": {"name": "ann"}}},
        "/run/docker.sock after reboot": {"everyone": True, "users": {"ann": {"name": "ann"}}},
        "/run/podman/podman.sock after reboot": {"everyone": False, "users": {}},
        "/run/x.sock after reboot": {"everyone": False, "users": {"bob": {"name": "bob"}, "ann": {"name": "ann"}}},
    }
    assert said(access={"sockets": sockets}) == {"after a reboot": "/run/docker.sock opens to every local user; /run/x.sock opens to ann, bob"}


def test_a_line_names_no_more_than_people_read() -> None:
    apis = {f"0.0.0.0:{port}": {"engine": "docker", "serves": "api", "reach": "every address", "tls": "none"} for port in range(2000, 2010)}
    assert said(network={"apis": apis})["on the network"].endswith("; and 4 more")


def test_what_will_listen_after_the_next_boot_is_told() -> None:
    planned = {"z": {"engine": "docker", "unit": "docker.service", "address": "0.0.0.0:2375", "tls": "none"}, "y": {"address": "*:2376"}}
    assert said(network={"planned": planned})["after a reboot"].split("; ") == [
        "a unit makes an engine listen on *:2376, TLS not known",
        "docker.service makes docker listen on 0.0.0.0:2375, no TLS",
    ]
