import pytest
from root_programs.root_host import facts, listed

from hostcheck.model import Hole, OpenObject
from hostcheck_builtin.root_programs import root_files, uses


def test_how_much_is_stated_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uses, "EACH", 2)
    tables = "".join(f"* * * * * root /home/{name}/{number}\n" for name, count in (("ann", 5), ("bob", 1)) for number in range(count))
    found = listed("cron", {"/etc/crontab": tables, "/home/ann/x": "", "/home/bob/x": ""})
    assert isinstance(found, OpenObject) and found.hole.owners == (1000,)
    assert sorted(found) == ["/home/ann/0", "/home/ann/1", "/home/bob/0"]
    monkeypatch.setattr(uses, "USES", 2)
    found = listed("cron", {"/etc/crontab": "* * * * * root /home/ann/x\n" * 5, "/home/ann/x": ""})
    assert isinstance(found["/home/ann/x"]["uses"], OpenObject) and not isinstance(found, OpenObject)
    monkeypatch.setattr(root_files, "TAKEN", 2)
    assert isinstance(facts({})["cron"]["alone"], Hole)
