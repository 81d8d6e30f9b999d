"""Into which product's machine a path leads, and that the usual places of engines lead into none."""

import pytest

from hostcheck_builtin.system.products_by_path import product_of


@pytest.mark.parametrize(
    ("path", "product"),
    [
        ("/home/ann/.docker/desktop/docker.sock", "docker-desktop"),
        ("/home/ann/.docker/desktop/docker-cli.sock", "docker-desktop"),
        ("/Users/ann/Library/Containers/com.docker.docker/Data/docker-cli.sock", "docker-desktop"),
        ("/run/user/1000/podman/podman-machine-default-api.sock", "podman-machine"),
        ("/Users/ann/.orbstack/run/docker.sock", "orbstack"),
        ("/home/ann/.colima/default/docker.sock", "colima"),
        ("/home/ann/.config/colima/work/docker.sock", "colima"),
        ("/home/ann/.lima/docker/sock/docker.sock", "lima"),
        ("/home/ann/.rd/docker.sock", "rancher-desktop"),
        ("/run/docker.sock", "none"),
        ("/run/user/1000/docker.sock", "none"),
        ("/run/user/1000/podman/podman.sock", "none"),
        ("/home/ann/.docker/run/docker.sock", "none"),
        ("/.lima/x/docker.sock", "none"),
        ("/home/ann/.lima", "none"),
        ("/run/x-api.sock", "none"),
    ],
)
def test_where_products_put_their_sockets(path: str, product: str) -> None:
    assert product_of(path) == product
