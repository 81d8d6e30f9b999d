"""A listener that speaks as docker or podman does: `python speaking.py PATH [podman]`.

It tells the least that each is asked for; whose engine it is taken for depends on who runs it, never on what it says.
"""

import json
import os
import socket
import sys
from contextlib import suppress
from typing import Any

INFO = {"ServerVersion": "26.1.5", "SecurityOptions": ["name=seccomp,profile=builtin"], "DockerRootDir": "/var/lib/docker", "Warnings": None}


def answer(asked: bytes, podman: bool) -> bytes:
    """Return a whole answer to one request."""
    libpod = {"host": {"security": {"rootless": os.geteuid() != 0}, "idMappings": {}}, "version": {"Version": "5.4.2"}}
    told: Any = [] if b"/containers/json" in asked else libpod if podman else INFO
    body = b"OK" if b"/_ping" in asked else json.dumps(told).encode()
    server = "Libpod/5.4.2 (linux)" if podman else "Docker/26.1.5 (linux)"
    return f"HTTP/1.1 200 OK\r\nServer: {server}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def main() -> None:
    """Answer at PATH until killed, one connection after the other."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(sys.argv[1])
    server.listen(64)
    print("ready", flush=True)
    while True:
        line = server.accept()[0]
        line.settimeout(2)
        with suppress(OSError), line:
            if asked := line.recv(65536):
                line.sendall(answer(asked, "podman" in sys.argv[2:]))


if __name__ == "__main__":
    main()
