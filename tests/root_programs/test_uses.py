import pytest
from root_programs.root_host import facts, host, listed

from hostcheck.model import Hole, OpenObject
from hostcheck.testing.probes import stated
from hostcheck_builtin.root_programs import probe_root_programs, uses
from hostcheck_builtin.system import bounds


def test_how_much_is_stated_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uses, "EACH", 2)
    tables = "".join(f"* * * * * root /home/{name}/{number}\n" for name, count in (("ann", 5), ("bob", 1)) for number in range(count))
    found = listed("cron", {"/etc/crontab": tables, "/home/ann/x": "", "/home/bob/x": ""})
    assert isinstance(found, OpenObject) and found.hole.owners == (1000,)
    assert sorted(found) == ["/home/ann/0", "/home/ann/1", "/home/bob/0"]
    monkeypatch.setattr(uses, "USES", 2)
    found = listed("cron", {"/etc/crontab": "* * * * * root /home/ann/x\n" * 5, "/home/ann/x": ""})
    assert isinstance(found["/home/ann/x"]["uses"], OpenObject) and not isinstance(found, OpenObject)
    monkeypatch.setattr(bounds, "FILES_OF_ROOT", 2)
    assert isinstance(facts({})["cron"]["alone"], Hole)


def test_what_one_user_hides_leaves_the_uses_of_other_files_known() -> None:
    files = {"/etc/crontab": "* * * * * root /home/ann/x\n* * * * * root sh /home/bob/y/*\n", "/home/ann/x": "", "/home/bob/y/z": ""}
    hung = host(files)
    hung.list_dir = lambda path, **_: (_ for _ in ()).throw(PermissionError(13, "no")) if path == "/home/bob/y" else []  # type: ignore[method-assign]
    cron = stated(probe_root_programs.collect, hung)["cron"]
    assert isinstance(cron["files"], OpenObject) and cron["files"].hole.owners == (1001,)
    assert not isinstance(cron["files"]["/home/ann/x"]["uses"], OpenObject)


def test_what_root_runs_below_usr_local_is_stated_though_the_place_is_usual() -> None:
    table = "PATH=/usr/local/bin\n* * * * * root /usr/local/bin/x\n* * * * * root /usr/bin/y\n* * * * * ann /usr/local/bin/z\n"
    cron = facts({"/etc/crontab": table, **dict.fromkeys(("/usr/local/bin/x", "/usr/bin/y", "/usr/local/bin/z"), "")})["cron"]
    assert {path: [use["place"] for use in one["uses"].values()] for path, one in cron["places"].items()} == {
        "/usr/local/bin/x": ["/etc/crontab:2"],
        "/usr/local/bin/z": ["/etc/crontab:4"],
    }
