"""What clients of engines do. Each expectation was written by hand."""

import pytest
from privileged_programs.arguments import done


@pytest.mark.parametrize(
    ("command", "does"),
    [
        ("/usr/bin/docker", "harmless"),
        ("/usr/bin/docker ps -a", "harmless"),
        ("/usr/bin/docker container ls", "harmless"),
        ("/usr/bin/docker restart web", "harmless"),
        ("/usr/bin/docker start -ai web", "unknown"),
        ("/usr/bin/docker exec -it web sh", "unknown"),
        ("/usr/bin/docker -H x ps", "unknown"),
        ("/usr/bin/docker build .", "unknown"),
        ("/usr/bin/docker run alpine", "unknown"),
        ("/usr/bin/docker run", "unknown"),
        ("/usr/bin/docker run --rm -v /:/host alpine chroot /host", "host"),
        ("/usr/bin/docker run -v/etc:/x alpine", "host"),
        ("/usr/bin/docker run --volume=/var/run/docker.sock:/s alpine", "host"),
        ("/usr/bin/docker run --privileged alpine", "host"),
        ("/usr/bin/docker run --privileged=false alpine", "unknown"),
        ("/usr/bin/docker run --pid host alpine", "host"),
        ("/usr/bin/docker run --pid=host alpine", "host"),
        ("/usr/bin/docker run --mount type=bind,src=/,dst=/h alpine", "host"),
        ("/usr/bin/docker run --cap-add SYS_ADMIN alpine", "host"),
        ("/usr/bin/docker run -v data:/x alpine", "unknown"),
        ("/usr/bin/docker run -v /srv/x:/x alpine --privileged", "unknown"),
        ("/usr/bin/docker run *", "free"),
        ("/usr/bin/docker run --rm *", "free"),
        ("/usr/bin/docker run alpine *", "unknown"),
        ("/usr/bin/docker container run --privileged x", "host"),
        ("/usr/bin/podman run --privileged x", "host"),
        ("/usr/bin/docker compose up -d", "working-directory"),
        ("/usr/bin/docker compose -f /srv/c.yml up -d", "unknown /srv/c.yml"),
        ("/usr/bin/docker compose -f c.yml up", "working-directory"),
        ("/usr/bin/docker compose ps", "harmless"),
        ("/usr/bin/docker-compose up", "working-directory"),
        ("/usr/bin/docker logs *", "unknown"),
        ("/usr/bin/kubectl get pods", "harmless"),
        ("/usr/bin/kubectl edit x", "shell"),
        ("/usr/bin/kubectl apply -f x", "unknown"),
        ("/usr/bin/k3s kubectl get x", "harmless"),
        ("/usr/bin/virsh list", "harmless"),
        ("/usr/bin/machinectl shell", "shell"),
        ("/usr/bin/ctr run x", "unknown"),
    ],
)
def test_what_they_do(command: str, does: str) -> None:
    assert done(command) == does
