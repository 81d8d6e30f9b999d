"""What somebody lays is charged to that account, on real directories of several users; what is over is refused and names it, and nobody else is."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from hostcheck.host import LimitExceeded, attempt, mounts, owners_of
from hostcheck.host.accounts import Accounts
from hostcheck.host.charges import LOOK, NAME, Charges
from hostcheck.host.local import LocalHost
from hostcheck.model import Hole, OpenArray

PASSWD = b"root:x:0:0::/root:/bin/sh\nann:x:71000:71000::/nowhere:/bin/sh\nbob:x:71001:71001::/nowhere:/bin/sh\n"
ANN, BOB, ANNS_SUBORDINATE = 71000, 71001, 91005


@pytest.fixture
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("tree")
    made.chmod(0o755)
    for name, uid, mode in (("ann", ANN, 0o755), ("bob", BOB, 0o755), ("all", 0, 0o1777)):
        place = made / name
        place.mkdir()
        os.chown(place, uid, uid)
        place.chmod(mode)
    yield made


def charged(room: float = 1e9) -> tuple[LocalHost, Charges]:
    accounts = Accounts(lambda path: {"/etc/passwd": PASSWD, "/etc/subuid": b"ann:91000:1000\n"}.get(path, b""), lambda _: None)
    charges = Charges(accounts, room)
    return LocalHost(charges=charges), charges


def lay(path: Path, uid: int, text: str = "x") -> str:
    path.write_text(text)
    os.chown(path, uid, uid)
    return str(path)


def spent(charges: Charges) -> set[int]:
    return {account for account, units in charges.spent.items() if units}


@pytest.mark.root
def test_who_controls_the_way_pays_whatever_lies_below(tree: Path) -> None:
    (tree / "ann/in").mkdir()
    path = lay(tree / "ann/in/x", BOB)
    host, charges = charged()
    host.stat(path)
    assert spent(charges) == {ANN}
    assert host.read_text(path) == "x" and spent(charges) == {ANN}


@pytest.mark.root
def test_where_several_may_write_each_name_is_its_owners(tree: Path) -> None:
    for uid in (ANN, BOB, ANNS_SUBORDINATE, 0):
        lay(tree / f"all/{uid}", uid)
    for uid, account in ((ANN, {ANN}), (BOB, {BOB}), (ANNS_SUBORDINATE, {ANN}), (0, set())):
        host, charges = charged()
        host.stat(str(tree / f"all/{uid}"))
        assert spent(charges) == account
    (tree / "bob").chmod(0o777)
    lay(tree / "bob/ann", ANN)
    host, charges = charged()
    host.read_bytes(str(tree / "bob/ann"))
    assert charges.spent[ANN] > charges.spent[BOB]


@pytest.mark.root
@pytest.mark.parametrize(("protects", "mode", "account"), [(False, 0o644, -1), (True, 0o644, BOB), (True, 0o666, -1)])
def test_a_name_that_is_one_of_several_where_all_may_write_is_its_owners_or_nobodys(
    tree: Path, monkeypatch: pytest.MonkeyPatch, protects: bool, mode: int, account: int
) -> None:
    monkeypatch.setattr(mounts, "_protects_links", lambda: protects)
    os.link(lay(tree / "bob/x", BOB), tree / "all/x")
    (tree / "all/x").chmod(mode)
    host, charges = charged()
    host.stat(str(tree / "all/x"))
    assert spent(charges) == {account}


@pytest.mark.root
def test_what_is_over_names_the_account_and_costs_nobody_else(tree: Path) -> None:
    for number in range(9):
        lay(tree / f"ann/{number}", ANN)
    lay(tree / "bob/x", BOB)
    host, _ = charged(room=4 * LOOK)
    told = [attempt(host.stat, str(tree / f"ann/{number}")) for number in range(9)]
    holes = [one for one in told if isinstance(one, Hole)]
    assert 0 < len(holes) < 9 and {one.owners for one in holes} == {(ANN,)} and isinstance(told[-1], Hole)
    assert host.stat(str(tree / "bob/x")).uid == BOB


@pytest.mark.root
def test_bytes_names_and_entries_of_acls_cost(tree: Path) -> None:
    path = lay(tree / "ann/x", ANN, "x" * 100_000)
    host, _ = charged(room=1000)
    with pytest.raises(LimitExceeded) as told:
        host.read_bytes(path)
    assert owners_of(told.value) == (ANN,)
    for number in range(500):
        lay(tree / f"ann/{number}", ANN)
    host, charges = charged()
    host.list_dir(str(tree / "ann"))
    assert charges.spent[ANN] >= 500 * NAME


@pytest.mark.root
def test_a_fair_list_leaves_out_names_of_who_has_too_many_and_of_nobody_else(tree: Path) -> None:
    for number in range(50):
        lay(tree / f"all/a{number}", ANN)
    lay(tree / "all/z", BOB)
    lay(tree / "all/zz", 0)
    host, _ = charged(room=60)
    names = host.list_dir(str(tree / "all"), fair=True)
    assert isinstance(names, OpenArray) and names.hole.owners == (ANN,) and {"z", "zz"} < set(names) and len(names) < 50
    assert len(charged()[0].list_dir(str(tree / "all"), fair=True)) == 52


@pytest.mark.root
def test_errors_in_somebodys_place_are_about_that_account(tree: Path) -> None:
    os.symlink("/etc/shadow", tree / "ann/link")
    os.lchown(tree / "ann/link", ANN, ANN)
    os.mkfifo(tree / "ann/fifo")
    host, _ = charged()
    holes = [attempt(host.read_bytes, str(tree / f"ann/{name}")) for name in ("link", "fifo")]
    assert [one.owners for one in holes if isinstance(one, Hole)] == [(ANN,)] * 2
