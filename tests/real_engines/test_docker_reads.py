"""What docker and dockerd make of their own files, beside what the readers say of them: the programs are the oracle, and nothing is started."""

import json
import os
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest
from clients.test_client_endpoints import CONFIGS
from dockerd.test_daemon_json import READS, REFUSES


@pytest.mark.parametrize("how", [*READS, *REFUSES])
def test_dockerd_itself_agrees(how: str, tmp_path: Path) -> None:
    config = tmp_path / "daemon.json"
    config.write_bytes({**READS, **REFUSES}[how])
    argv = ["dockerd", "--validate", "--config-file", str(config)]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False)
    assert (done.returncode == 0) is (how in READS), done.stderr


@pytest.mark.parametrize("text", [text for text in CONFIGS if len(text) < 1000], ids=lambda text: text[:40] or "empty")
def test_docker_itself_takes_the_same_context(text: str, tmp_path: Path) -> None:
    """The command names the context's endpoint, at which nobody listens."""
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker/config.json").write_text(text, encoding="utf-8")
    for name in ("work", "other"):
        folder = tmp_path / ".docker/contexts/meta" / sha256(name.encode()).hexdigest()
        folder.mkdir(parents=True)
        (folder / "meta.json").write_text(json.dumps({"Name": name, "Metadata": {}, "Endpoints": {"docker": {"Host": f"unix:///nowhere/{name}.sock"}}}))
    argv = ["docker", "context", "inspect", "--format", "{{.Name}}"]
    done = subprocess.run(argv, env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    wanted = CONFIGS[text]
    assert (done.returncode != 0) if wanted is None else done.stdout.strip() == wanted, done.stderr
