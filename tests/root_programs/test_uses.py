import pytest
from root_programs.root_host import facts, listed

from hostcheck.model import Hole, OpenObject
from hostcheck_builtin.root_programs import root_files, uses


def test_how_much_is_stated_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uses, "STATED", 2)
    found = listed("cron", {"/etc/crontab": "".join(f"* * * * * root /home/ann/{number}\n" for number in range(5)), "/home/ann/x": ""})
    assert isinstance(found, OpenObject) and len(found) == 2
    monkeypatch.setattr(uses, "USES", 2)
    found = listed("cron", {"/etc/crontab": "* * * * * root /home/ann/x\n" * 5, "/home/ann/x": ""})
    assert isinstance(found["/home/ann/x"]["uses"], OpenObject) and not isinstance(found, OpenObject)
    monkeypatch.setattr(root_files, "TAKEN", 2)
    assert isinstance(facts({})["cron"]["alone"], Hole)
