"""Who can connect to which socket, as a table and as a picture of the same."""

import re

import pytest
from browser.pages import recorded
from formats.html_page import Report, shown

from hostcheck_builtin.formats.html_access import access


def test_who_can_connect_is_a_table_and_the_same_as_a_picture() -> None:
    found = access(recorded()["access"])
    assert found is not None
    assert found["rows"][0] == [
        "/run/docker.sock",
        ["docker, rootful"],
        [
            "every local user: no group is needed",
            "alice: group docker",
            "bob: primary group docker",
            "carol: ACL entry user:carol",
            "dave: group docker from pam_group at su, /etc/security/group.conf:107",
            "erin: process 93 has group docker",
        ],
    ]
    assert [row[2] for row in found["rows"][1:]] == [["nobody"]] * 2
    drawing = found["drawing"]
    users = {node["label"]: node["y"] for node in drawing["nodes"] if node["side"] == "end"}
    sockets = {node["label"]: node["y"] for node in drawing["nodes"] if node["side"] == "start"}
    lines = {tuple(int(number) for number in re.findall(r"(?<= )\d+(?=C|$)", line["path"])): line["kind"] for line in drawing["lines"]}
    docker = sockets["/run/docker.sock"]
    assert {name: lines.get((y, docker)) for name, y in users.items()} == {
        "root": "root",
        "every local user": "everyone",
        "alice": "user",
        "bob": "user",
        "carol": "user",
        "dave": "user",
        "erin": "user",
    }
    assert len(lines) == len(users) + 2


def test_what_was_not_seen_of_the_sockets_is_drawn_as_well() -> None:
    found = access(recorded("docker-as-nobody")["access"])
    assert found is not None
    assert all("perhaps others: not known: denied: /etc/gshadow: Permission denied" in row[2] for row in found["rows"][:-1])
    assert found["rows"][-1] == ["perhaps other sockets", [], ["not known: not all could be listed"]]
    assert {"perhaps others", "perhaps other sockets"} <= {node["label"] for node in found["drawing"]["nodes"] if node["kind"] == "unseen"}


@pytest.mark.parametrize("left", [None, {"holes": []}, {"sockets": {}, "user_sockets": {}, "holes": []}])
def test_without_facts_on_sockets_there_is_no_picture_of_them(left: Report | None) -> None:
    report = {key: value for key, value in recorded().items() if key != "access"} | ({} if left is None else {"access": left})
    page = shown(report)
    assert "Who can connect to an engine" not in page.text
    assert not list(page.find("svg", class_="access")) and list(page.find("svg", class_="bar"))


@pytest.mark.parametrize(
    ("ways", "note"),
    [
        ("group docker", "group docker"),
        ("group docker from /etc/security/group.conf:107", "group docker from group.conf:107"),
        ("group docker from pam_group at su, /etc/security/group.conf:107", "group docker from pam_group at su,…"),
        ("n" * 100, "n" * 40 + "…"),
    ],
)
def test_what_is_too_long_below_a_name_is_cut_where_words_end(ways: str, note: str) -> None:
    socket = {**recorded()["access"]["sockets"]["/run/docker.sock"], "everyone": False, "users": {"dave": {"name": "dave", "uid": 7, "why": [ways]}}}
    found = access({"sockets": {"/run/docker.sock": socket}, "holes": []})
    assert found is not None and [node["note"] for node in found["drawing"]["nodes"] if node["label"] == "dave"] == [note]


def test_a_crowd_is_drawn_as_far_as_it_fits_and_listed_whole() -> None:
    section = recorded()["access"]
    socket = section["sockets"]["/run/docker.sock"]
    crowd = {f"user-{number:02}-{'n' * 4096}": {"name": f"user-{number:02}-{'n' * 4096}", "uid": number, "why": ["group docker"]} for number in range(20)}
    socket.update(everyone=False, users=crowd | {"none": {"uid": 7}})
    found = access({"sockets": {"/run/docker.sock": socket}, "holes": []})
    assert found is not None and len(found["rows"][0][2]) == 21 and "uid 7" in found["rows"][0][2][0]
    assert max(len(node["label"]) for node in found["drawing"]["nodes"]) <= 39
    (more,) = (node for node in found["drawing"]["nodes"] if node["label"] == "10 more users")
    assert any(line["path"].startswith(f"M270 {more['y']}C") for line in found["drawing"]["lines"])
