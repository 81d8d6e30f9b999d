from typing import Any

import pytest
from runtimes.runtime_host import CONTAINERD, MAIN, facts, why

from hostcheck.host.answers import Stat

PLUGINS, SETTINGS = "/opt/nri/plugins", "/etc/nri/conf.d"
ANNS = Stat(type="dir", uid=1000, gid=1000, mode=0o755)
OPEN = Stat(type="dir", uid=0, gid=0, mode=0o777)
DAEMON = "/etc/docker/daemon.json"
TABLE = '[plugins."io.containerd.nri.v1.nri"]\n'


def read(files: dict[str, Any], path: str = MAIN, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = facts({**CONTAINERD, **files}, **more)["nri"][path]
    return found


def test_where_nothing_is_said_the_usual_directories_count() -> None:
    found = read({})
    assert found["served"] == "by version"
    assert (found["plugins"], found["settings"]) == ({"path": PLUGINS, "root_owned": True, "others": []}, {"path": SETTINGS, "root_owned": True, "others": []})


@pytest.mark.parametrize(("text", "served"), [("disable = true\n", "no"), ("disable = false\n", "yes")])
def test_whether_it_is_served(text: str, served: str) -> None:
    assert read({MAIN: f"version = 2\n{TABLE}{text}"})["served"] == served


def test_version_3_serves_it_unless_told_otherwise() -> None:
    assert read({MAIN: "version = 3\n"})["served"] == "yes"


def test_a_directory_that_others_can_write_to() -> None:
    found = read({}, stats={PLUGINS: ANNS, "/etc/nri": OPEN})
    assert found["plugins"] == {"path": PLUGINS, "root_owned": False, "others": [f"{PLUGINS} (uid 1000, mode 0755)"]}
    assert found["settings"] == {"path": SETTINGS, "root_owned": False, "others": ["/etc/nri (uid 0, mode 0777)"]}


def test_a_directory_that_is_named_and_one_that_is_no_path() -> None:
    found = read({MAIN: f'version = 2\n{TABLE}plugin_path = "/srv/p"\nplugin_config_path = "s"\n'}, stats={"/srv": ANNS})
    assert (found["plugins"]["path"], found["plugins"]["root_owned"]) == ("/srv/p", False)
    assert why(found["settings"]).startswith("nonsense")


def test_whose_directories_are_is_not_known_in_a_user_namespace() -> None:
    found = read({}, links={"/proc/self/ns/user": "user:[9]"})
    assert why(found["plugins"]).startswith("denied")


@pytest.mark.parametrize(
    ("text", "served", "path"),
    [
        ("{}", "no", PLUGINS),
        ('{"nri-opts": {"enable": true}}', "yes", PLUGINS),
        ('{"nri-opts": {"enable": true, "plugin-path": "/srv/p"}}', "yes", "/srv/p"),
        ('{"nri-opts": {"Enable": true, "Plugin-Path": "/srv/p"}}', "yes", "/srv/p"),
        ('{"nri-opts": {"enable": false}}', "no", PLUGINS),
        ('{"nri-opts": null}', "no", PLUGINS),
    ],
)
def test_what_dockerd_is_told(text: str, served: str, path: str) -> None:
    found = read({DAEMON: text}, DAEMON)
    assert (found["engine"], found["there"], found["served"], found["plugins"]["path"]) == ("docker", True, served, path)


@pytest.mark.parametrize(
    "text", ["{", '{"nri-opts": 1}', '{"nri-opts": {"enable": "yes"}}', '{"nri-opts": {"plugin-path": 1}}', '{"nri-opts": {"other": "x"}}']
)
def test_what_dockerd_would_not_start_with(text: str) -> None:
    found = read({DAEMON: text}, DAEMON)
    assert (why(found) or why(found["served"])).startswith("nonsense")


def test_crio() -> None:
    files = {"/usr/bin/crio": "", "/etc/crio/crio.conf": '[crio.nri]\nenable_nri = true\nnri_plugin_dir = "/srv/p"\n'}
    found = read(files, "/etc/crio/crio.conf", stats={"/srv/p": ANNS})
    assert (found["served"], found["plugins"]["root_owned"], found["settings"]["root_owned"]) == ("yes", False, True)
    assert why(read({"/usr/bin/crio": "", "/etc/crio/crio.conf": "["}, "/etc/crio/crio.conf")["plugins"]).startswith("nonsense")
