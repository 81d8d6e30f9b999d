"""Which engines a user's systemd starts, and for whom it runs without a session."""

from clients.client_home import ANN, facts


def test_units_and_who_lingers() -> None:
    units = [f"{ANN}/.config/systemd/user/default.target.wants/docker.service", "/etc/systemd/user/sockets.target.wants/podman.socket"]
    files = {**dict.fromkeys(units, ""), f"{ANN}/.config/systemd/user/default.target.wants/mail.service": "", "/var/lib/systemd/linger/ann": ""}
    told = facts(files, links={f"{ANN}/.config/systemd/user/sockets.target.wants/podman.socket": "/usr/lib/systemd/user/podman.socket"})
    assert (told["enabled"], told["lingering"]) == (["podman.socket"], ["ann"])
    assert told["users"]["1000"][ANN]["enabled"] == ["docker.service", "podman.socket"]
    assert told["users"]["1001"]["/home/bob"]["enabled"] == []
