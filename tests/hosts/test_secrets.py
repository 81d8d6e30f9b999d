"""Secrets in files that a scan reads, and no digest by which a short one could be tried: none stands in the evidence, in a report or in any format."""

import hashlib
import json
from pathlib import Path

from hosts.attacks import victim
from hosts.planting import end, shell, written
from real_engines.rootless_world import RootlessWorld
from real_engines.scans import Scanner

SECRET = "hunter2-7b1f"
CLOUD = f"""chpasswd:
  expire: false
  list: {{"root:{SECRET}": 1, "root:{SECRET}": 2}}
users: [{{name: bob, passwd: {SECRET}, groups: docker}}]
"""
FILES = {
    "/etc/cloud/cloud.cfg": (CLOUD, "root", 0o644),
    "/etc/docker/daemon.json": (
        json.dumps({"proxies": {"http-proxy": f"http://a:{SECRET}@proxy"}, "hosts": [f"tcp://a:{SECRET}@10.0.0.1:2376"]}),
        "root",
        0o600,
    ),
    "/etc/systemd/system/closed.service": (f"[Service]\nEnvironment=TOKEN={SECRET}\nSupplementaryGroups=docker\n", "root", 0o600),
    "/etc/sysusers.d/a.conf": (f"m bob docker '{SECRET}\nu x - 'a {SECRET}\n", "root", 0o644),
    "/etc/containerd/config.toml": (f'[grpc]\n  address = "/run/containerd/containerd.sock"\n{SECRET} = 1\n{SECRET} = 2\n', "root", 0o644),
    "{home}/dave/.lima/default/lima.yaml": (f"env:\n  TOKEN: {SECRET}\n  {SECRET}: 1\n  {SECRET}: 2\nmounts:\n- location: '{SECRET}'\n", "dave", 0o600),
    "{home}/dave/.docker/config.json": (
        json.dumps({"auths": {"r": {"auth": SECRET}}, "proxies": {"default": {"httpProxy": f"http://d:{SECRET}@p"}}}),
        "dave",
        0o600,
    ),
    "{home}/dave/.profile": (f"export TOKEN={SECRET}\nexport DOCKER_HOST=ssh://dave:{SECRET}@host\n", "dave", 0o600),
    "{home}/erin/.profile": (f"export DOCKER_HOST={SECRET}://x\nexport DOCKER_CONTEXT='{SECRET}$(x)'\n", "erin", 0o600),
    "{home}/dave/.docker/desktop/settings-store.json": (f'{{"filesharingDirectories": ["{SECRET}"], "{SECRET}": ', "dave", 0o600),
}


def test_no_secret_and_no_digest_of_a_closed_file_leaves_the_host(scan: Scanner) -> None:
    world = RootlessWorld()
    try:
        victim(world)
        shell("rm -rf /etc/cloud /etc/sysusers.d /etc/containerd /etc/docker; mkdir -p /etc/cloud /etc/sysusers.d /etc/containerd /etc/docker /etc/closed")(
            world
        )
        for path, (text, owner, mode) in FILES.items():
            if path.startswith("/etc/"):
                place = world.etc / path[5:]
                place.write_text(text)
                place.chmod(mode)
            else:
                written(path, text, owner=owner, mode=mode)(world)
        formats = [word for kind in ("text", "html", "junit") for word in ("--format", f"{kind}={world.base}/said.{kind}")]
        found = scan(world, "--role", "workstation", "--profile", "level2", *formats)
        written_out = "".join(Path(world.base, f"said.{kind}").read_text("utf-8", "replace") for kind in ("text", "html", "junit"))
    finally:
        end(world)
    evidence = json.dumps(found.evidence)
    for told in (evidence, json.dumps(found.report), written_out):
        assert SECRET not in told
    for path, (text, _, mode) in FILES.items():
        digest = hashlib.sha256(text.encode()).hexdigest()
        assert (digest in evidence) is (mode == 0o644 and path.startswith("/etc/")), path
    assert "cloud.cfg: a mapping in which a key stands twice, at line 3" in evidence
