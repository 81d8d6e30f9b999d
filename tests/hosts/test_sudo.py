"""sudo against the real thing: what `sudo -l -U` lists and what cvtsudoers(1) reads equals what the facts say, and what a fix changes visudo(8) takes."""

import json
import subprocess
from pathlib import Path

import pytest
from privileged_programs.cvtsudoers_says import cvtsudoers, ours
from privileged_programs.made_sudoers import made
from privileged_programs.sudo_says import compared, says
from privileged_programs.test_rules import findings

FOLDED = "root ALL=(ALL:ALL) ALL\nann ALL=NOPASSWD: /bin/ls, \\\n  /usr/bin/docker, NOPASSWD: \\\n  ALL\nbob ALL=NOPASSWD: /bin/ls\n"


@pytest.mark.parametrize(("first", "broken"), [(1000, False), (2000, True)], ids=["right", "some wrong"])
def test_what_sudo_lists(first: int, broken: bool) -> None:
    """Of 460 made files, for five users each."""
    assert compared(range(first, first + 230), broken=broken) > 400


def test_a_file_that_ends_too_soon_gives_nothing() -> None:
    """Nothing at all, though a rule before the end is right."""
    for text in ("ann ALL=ALL\nbob ALL=ALL \\\n", "ann ALL=ALL\nbob ALL=\\\n"):
        code, output, errors = says([text], ["ann"])[0]["ann"]
        assert (code, output) == (1, "") and "error" in errors, (code, output, errors)


@pytest.mark.parametrize("broken", [False, True], ids=["right", "some wrong"])
def test_it_agrees_with_cvtsudoers(tmp_path: Path, broken: bool) -> None:
    path, compared = tmp_path / "sudoers", 0
    for seed in range(120):
        path.write_text(made(seed, broken=broken), encoding="utf-8")
        theirs, own = cvtsudoers(path), ours(path)
        assert (theirs is None) == (own is None), path.read_text(encoding="utf-8")
        if theirs is not None:
            compared += 1
            _same_options(theirs, own)
            for part in ("aliases", "rules", "defaults"):
                assert json.dumps(theirs[part], sort_keys=True) == json.dumps(own[part], sort_keys=True), path.read_text(encoding="utf-8")
    assert compared > (15 if broken else 100)


def _same_options(theirs: dict[str, list[list[list[object]]]], own: dict[str, list[list[list[object]]]]) -> None:
    """Leave out of both the options of commands that cvtsudoers puts together: it tells those of one of them."""
    for (_, _, there), (_, _, here) in zip(theirs["rules"], own["rules"], strict=True):
        for number, spec in enumerate(there):
            if spec[2] is None:
                here[number] = [here[number][0], here[number][1], None, here[number][3]]


@pytest.mark.parametrize(
    ("rule", "rules", "becomes"),
    [
        ("HC-ACC-10", FOLDED, FOLDED.replace("ann ALL=NOPASSWD", "ann ALL=PASSWD").replace("docker, NOPASSWD", "docker, PASSWD")),
        ("HC-ACC-11", "ann ALL=/usr/bin/docker, \\\n /bin/ls\nbob ALL=ALL\n", "# ann ALL=/usr/bin/docker, \\\n#  /bin/ls\nbob ALL=ALL\n"),
    ],
)
def test_a_fix(tmp_path: Path, rule: str, rules: str, becomes: str) -> None:
    path = tmp_path / "sudoers"
    path.write_text(rules, encoding="utf-8")
    path.chmod(0o440)
    failed = [one for one in findings(rule, rules).values() if one["result"] == "fail"]
    (command,) = [step["run"] for step in failed[0]["fix"] if "run" in step]
    ran = subprocess.run(("sh", "-c", command.replace("/etc/sudoers", str(path))), capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr, path.read_text(encoding="utf-8")) == (0, "", becomes)
    assert {one.name: oct(one.stat().st_mode)[-3:] for one in tmp_path.iterdir()} == {"sudoers": "440", "sudoers.hostcheck": "440"}
    assert not [one for one in findings(rule, becomes).values() if one["result"] == "fail"]
