"""Programs that rules of sudo name: which are looked at."""

import subprocess
import sys

import pytest
from privileged_programs.rights import sudo

from hostcheck.host.answers import Stat
from hostcheck.model import OpenObject, Why
from hostcheck_builtin.privileged_programs.command_paths import COMMANDS, MEMBERS

JOB = "/opt/job"
RULE = f"ann ALL = NOPASSWD: {JOB}\n"
ANNS = {JOB: Stat(type="file", uid=1000, gid=0, mode=0o755)}
ROOTS = {JOB: Stat(type="file", uid=0, gid=0, mode=0o755)}
ALIAS = f"Cmnd_Alias JOBS = {JOB}\nann ALL = NOPASSWD: JOBS\n"
DIGEST = f"ann ALL = NOPASSWD: sha224:{'0' * 56} {JOB}\n"


@pytest.mark.parametrize("rules", [RULE, f"ann ALL = {JOB} --all\n", ALIAS, f"ann ALL = ALL, !{JOB}\n"])
def test_a_program_that_a_user_owns_is_looked_at(rules: str) -> None:
    assert set(sudo(rules, {JOB: ""}, stats=ANNS)["commands"]) == {JOB}
    assert sudo(rules, {JOB: ""}, stats=ROOTS)["commands"] == {}


@pytest.mark.parametrize("rules", [DIGEST, f"ann ALL = sudoedit {JOB}\n", "ann ALL = NOPASSWD: /usr/bin/id /opt/job\n"])
def test_what_decides_nothing_is_not(rules: str) -> None:
    assert sudo(rules, {JOB: ""}, stats=ANNS)["commands"] == {}


@pytest.mark.parametrize("rules", [f"ann ALL = /usr/bin/bash {JOB} hunter2\n", f"Cmnd_Alias C = /usr/bin/env A=hunter2 {JOB}\nann ALL = C\n"])
def test_a_script_that_arguments_name_is(rules: str) -> None:
    told = sudo(rules, {JOB: ""}, stats=ANNS)
    assert set(told["commands"]) == {JOB} and "hunter2" not in repr(told)


@pytest.mark.parametrize("name", ["/opt/", "/opt/*", "/opt/j[a-z]b", "^/opt/[a-z]+$"])
def test_a_file_that_a_directory_or_a_pattern_stands_for_is(name: str) -> None:
    told = sudo(f"ann ALL = NOPASSWD: {name}\n", {JOB: ""}, stats=ANNS)["commands"]
    assert {key: list(one["members"]) for key, one in told.items()} == {name: [JOB]}
    assert sudo(f"ann ALL = NOPASSWD: {name}\n", {JOB: ""}, stats=ROOTS)["commands"] == {}
    assert sudo(f"ann ALL = NOPASSWD: {name.replace('opt', 'srv')}\n", {JOB: ""}, stats=ANNS)["commands"] == {}


@pytest.mark.parametrize("name", ["/opt/", "/opt/*", "/opt/x?", "^/opt/[a-z]+$", "/opt/*/x"])
def test_a_directory_in_which_a_user_makes_files_is(name: str) -> None:
    told = sudo(f"ann ALL = NOPASSWD: {name}\n", {JOB: ""}, stats={"/opt": Stat(type="dir", uid=1000, gid=0, mode=0o755)})["commands"]
    assert {key: (one["realpath"], one["members"]) for key, one in told.items()} == {name: ("/opt", {})}


def test_a_directory_on_the_way_of_a_pattern_is() -> None:
    stats = {"/opt/a": Stat(type="dir", uid=0, gid=0, mode=0o755), "/opt/b": Stat(type="dir", uid=1000, gid=0, mode=0o755)}
    told = sudo("ann ALL = NOPASSWD: /opt/*/job\n", {"/opt/a/job": "", "/opt/b/job": ""}, stats=stats)["commands"]
    assert {key: list(one["members"]) for key, one in told.items()} == {"/opt/*/job": ["/opt/b"]}


def test_of_a_pattern_for_very_many_the_rest_is_a_hole() -> None:
    files = {f"/opt/x{number}": "" for number in range(MEMBERS + 2)}
    (found,) = sudo("ann ALL = /opt/x*\n", files)["commands"].values()
    assert isinstance(found["members"], OpenObject) and found["members"].hole.why == Why.LIMIT


@pytest.mark.parametrize(
    ("defaults", "found"),
    [
        ("Defaults secure_path=/opt:/usr/bin\n", {"/opt"}),
        ("Defaults secure_path=/opt\nDefaults secure_path=/usr/bin\n", set()),
        ("Defaults secure_path=/opt\nDefaults !secure_path\n", set()),
        ("Defaults:bob secure_path=/opt\nDefaults secure_path=/usr/bin\n", {"/opt"}),
        ("Defaults secure_path=/usr/bin:opt\n", set()),
    ],
)
def test_directories_that_sudo_searches(defaults: str, found: set[str]) -> None:
    stats = {"/opt": Stat(type="dir", uid=1000, gid=0, mode=0o755)}
    assert set(sudo(f"{defaults}ann ALL = ALL\n", {JOB: ""}, stats=stats)["search_path"]) == found


def test_of_very_many_the_rest_is_a_hole() -> None:
    found = sudo("".join(f"ann ALL = /opt/{number}\n" for number in range(COMMANDS + 1)))["commands"]
    assert isinstance(found, OpenObject) and found.hole.why == Why.LIMIT


def test_the_probe_imports_nothing_that_only_an_analysis_needs() -> None:
    code = "import sys, hostcheck_builtin.privileged_programs.probe_sudo; print(*sys.modules)"
    loaded = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True).stdout.split()
    assert {name.split(".")[1] for name in loaded if name.startswith("hostcheck_builtin.")} == {"leads", "privileged_programs", "shell", "sudo_doas", "system"}


def test_a_program_behind_very_many_directories_is_that_users_as_far_as_the_way_is_known() -> None:
    deep = "/home/ann" + "/d" * 70
    told = sudo(f"ann ALL = NOPASSWD: {deep}/x\n", {f"{deep}/x": ""}, stats={"/home/ann": Stat(type="dir", uid=1000, gid=0, mode=0o755)})["commands"]
    assert told[f"{deep}/x"]["type"].owners == (1000,) and list(told[f"{deep}/x"]["parents"]) == ["/", "/home", "/home/ann"]
    assert not isinstance(told, OpenObject)


SHARED = "/usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-{}.so"


@pytest.mark.parametrize(
    ("libraries", "does"),
    [
        (["257"], "harmless"),
        (["247"], "harmless"),
        (["246"], "systemd-pager"),
        ([], "systemd-pager"),
        (["257", "239-1.fc8"], "systemd-pager"),
        (["257.1-2.fc41"], "harmless"),
    ],
)
def test_the_pager_of_a_new_systemd_starts_nothing(libraries: list[str], does: str) -> None:
    rule = "ann ALL = NOPASSWD: /usr/bin/systemctl status nginx.service\n"
    (told,) = sudo(rule, {SHARED.format(one): "" for one in libraries})["rules"].values()
    assert told["commands"][0]["command"]["does"] == does


TOOL = '#!/bin/bash\nexec docker run --rm -v "$PWD":/work tools "$@"\n'


@pytest.mark.parametrize(
    ("rule", "mode", "text", "told"),
    [
        ("/opt/tool", 0o755, TOOL, {"program": "docker", "does": "host"}),
        ("/opt/tool build", 0o755, TOOL, None),
        ('/opt/tool ""', 0o755, TOOL, None),
        ("/opt/tool", 0o777, TOOL, None),
        ("/opt/tool", 0o755, "#!/bin/sh\ncase $1 in a) docker run $1;; esac\n", None),
        ("/opt/tool", 0o755, "\x7fELF", None),
    ],
)
def test_a_script_of_roots_is_read(rule: str, mode: int, text: str, told: object) -> None:
    found = sudo(f"ann ALL = NOPASSWD: {rule}\n", {"/opt/tool": text}, stats={"/opt/tool": Stat(type="file", uid=0, gid=0, mode=mode, size=len(text))})
    assert next(iter(found["rules"].values()))["commands"][0]["command"].get("script") == told
