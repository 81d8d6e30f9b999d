"""What others put in the place of an output costs that output alone, and is said before the host is read; what only the user can have got wrong stops early."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from toy import fails, one_line

from hostcheck import collect
from hostcheck.registry import Registry

Run = Callable[..., tuple[int, str, str]]
OTHER = 12345
pytestmark = pytest.mark.root


def fifo(path: Path) -> None:
    os.mkfifo(path)


def directory(path: Path) -> None:
    path.mkdir()


def link_to_fifo(path: Path) -> None:
    os.mkfifo(f"{path}.there")
    os.symlink(f"{path}.there", path)


def link_to_device(path: Path) -> None:
    os.symlink("/dev/null", path)


def link_to_output(path: Path) -> None:
    os.symlink("/proc/self/fd/1", path)


def socket(path: Path) -> None:
    os.mknod(path, 0o140644)


PLANTED = (fifo, directory, link_to_fifo, link_to_device, link_to_output, socket)


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """Return a directory as /tmp is."""
    place = tmp_path / "shared"
    place.mkdir()
    place.chmod(0o1777)
    return place


def planted(path: Path, plant: Callable[[Path], None]) -> None:
    plant(path)
    os.lchown(path, OTHER, OTHER)


@pytest.mark.parametrize("plant", PLANTED)
@pytest.mark.parametrize("where", ["evidence", "report"])
def test_what_another_user_planted_costs_that_output_alone(run: Run, toys: Registry, shared: Path, plant: Callable[[Path], None], where: str) -> None:
    planted(shared / f"{where}.json", plant)
    kind = os.lstat(shared / f"{where}.json")
    options = ("--format", f"json={shared}/report.json", "--format", "text=report.txt", "--evidence", f"{shared}/evidence.json")
    code, out, err = run("scan", *options)
    assert (code, out) == (2, "") and f"{shared}/{where}.json" in one_line(err) and "nothing will be written there" in err
    other = "report" if where == "evidence" else "evidence"
    assert json.loads((shared / f"{other}.json").read_text()) and Path("report.txt").read_text() == "compliant"
    assert os.lstat(shared / f"{where}.json").st_ino == kind.st_ino
    fails(toys)
    assert run("scan", *options)[0] == 1


def test_it_is_said_before_the_host_is_read(run: Run, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted(shared / "report.json", fifo)
    said: list[str] = []
    monkeypatch.setattr("hostcheck.cli.output.warn", lambda text, end="\n": said.append(text))
    real = collect.start

    def start(*args: Any, **kwargs: Any) -> Any:
        assert len(said) == 1 and "report.json" in said[0]
        return real(*args, **kwargs)

    monkeypatch.setattr(collect, "start", start)
    assert run("scan", "--format", f"json={shared}/report.json")[0] == 2 and len(said) == 1


@pytest.mark.parametrize("plant", [directory, fifo])
def test_what_is_planted_while_the_host_is_read_costs_that_output_alone(
    run: Run, toys: Registry, shared: Path, monkeypatch: pytest.MonkeyPatch, plant: Callable[[Path], None]
) -> None:
    real = collect.finish

    def finish(*args: Any) -> Any:
        planted(shared / "report.json", plant)
        return real(*args)

    monkeypatch.setattr(collect, "finish", finish)
    code, _, err = run("scan", "--format", f"json={shared}/report.json", "--format", f"text={shared}/report.txt", "--evidence", "evidence.json")
    assert (shared / "report.txt").read_text() == "compliant" and os.path.exists("evidence.json")
    if plant is directory:
        assert code == 2 and "cannot be written" in one_line(err)
        assert not [name for name in os.listdir(shared) if name.startswith(".")]
    else:  # it is replaced, and never written through
        assert (code, err) == (0, "") and json.loads((shared / "report.json").read_text())["verdict"] == "compliant"


def test_a_directory_of_another_user_that_is_gone_costs_what_was_to_be_there(run: Run, shared: Path) -> None:
    code, _, err = run("scan", "--format", f"json={shared}/theirs/report.json", "--format", "text=report.txt")
    assert code == 2 and "the directory does not exist" in one_line(err)
    assert Path("report.txt").read_text() == "compliant"


def test_a_link_of_another_user_on_the_way_is_known_before_the_scan(run: Run, shared: Path) -> None:
    Path("victim").mkdir()
    os.symlink(Path("victim").absolute(), shared / "reports")
    os.lchown(shared / "reports", OTHER, OTHER)
    code, _, err = run("scan", "--format", f"json={shared}/reports/report.json", "--format", "text=report.txt")
    assert code == 2 and "others may have put there; nothing will be written there" in one_line(err)
    assert os.listdir("victim") == [] and Path("report.txt").exists()


def test_one_output_that_cannot_be_written_stops_no_other(run: Run, toys: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full in the middle, for evidence and one report."""
    real = os.fsync
    left = [2]

    def full(descriptor: int) -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    fails(toys)
    code, _, err = run("scan", "--format", "json=report.json", "--format", "text=report.txt", "--evidence", "evidence.json")
    assert code == 1 and err.count("no space left") == 2
    assert not os.path.exists("evidence.json") and not os.path.exists("report.json") and Path("report.txt").read_text() == "noncompliant"


@pytest.mark.parametrize("command", ["evaluate", "render"])
def test_other_commands_write_what_can_be_written(run: Run, shared: Path, command: str) -> None:
    run("scan", "--format", "json=report.json", "--evidence", "evidence.json")
    planted(shared / "again.json", directory)
    given = "evidence.json" if command == "evaluate" else "report.json"
    code, _, err = run(command, given, "--format", f"json={shared}/again.json", "--format", "text=again.txt")
    assert code == 2 and "is a directory" in one_line(err) and Path("again.txt").read_text() == "compliant"


@pytest.mark.parametrize("path", ["none/report.json", "mine", "/dev/stdout", "device"])
def test_what_nobody_else_can_have_done_stops_early(run: Run, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    Path("mine").mkdir()
    os.mkfifo("device")
    monkeypatch.setattr(collect, "start", lambda *args: pytest.fail("the host was read"))
    code, out, err = run("scan", "--format", f"json={path}", "--format", "text=report.txt")
    assert (code, out) == (2, "") and one_line(err) and not os.path.exists("report.txt")
