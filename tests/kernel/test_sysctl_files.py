import errno
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel.test_boot_settings import BOB, DENIED, KPTR, MAIN, NOW, PROCPS, SYSTEMD, brief, read, stated
from kernel.test_probe_kernel import FILES, denied, facts
from system.outermost import outermost

from hostcheck import registry
from hostcheck.api import both
from hostcheck.benchmark import load, resolve
from hostcheck.evaluate import Facts, judge_rule
from hostcheck.host import LimitExceeded, Nonsense
from hostcheck.host.answers import Stat
from hostcheck.host.local import LocalHost
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenObject, Why
from hostcheck_builtin.kernel import probe_kernel, sysctl_files
from hostcheck_builtin.kernel.boot_settings import boot_settings
from hostcheck_builtin.kernel.sysctl_files import as_written, path_of

BENCHMARK = load(registry.load().benchmarks[0], shipped=True)


@pytest.mark.parametrize(
    "line",
    [
        "kernel.kptr_restrict = 2",
        "kernel/kptr_restrict=2",
        "-kernel.kptr_restrict=2",
        "\t kernel.kptr_restrict \t=  2 \r",
        "kernel.kptr_restrict=0\nkernel.kptr_restrict=2",
        "kernel.kptr_*=2",
        "kernel/kptr_restric[st]=2",
        "*.kptr_restrict=1\nkernel.*=2",
        "kernel.*=1\n*.kptr_restrict=1\nkernel.*=2",
        "kernel.*=2\n-kernel.kptr_*",
        "kernel.*=2\n; {kernel}.*=1\n# {kernel}.*=1",
    ],
)
def test_a_line_sets_a_setting(line: str) -> None:
    assert read({"/etc/sysctl.d/a.conf": line})[KPTR]["raw"] == "2"


@pytest.mark.parametrize(
    "line",
    [
        "# kernel.kptr_restrict = 2",
        "; kernel.kptr_restrict = 2",
        "kernel.kptr_restrict",
        "-kernel.kptr_restrict",
        "kernel.kptr_restrict=2\n-kernel.kptr_restrict",
        "kernel.*=2\n-kernel.kptr_restrict",
        "-kernel.kptr_restrict\nkernel.*=2",
        "*=2",
        "kernel.kptr_restrict.x=2",
        "kernel.kptr=2",
        "\ufeffkernel.kptr_restrict=2",
        "\u00a0kernel.kptr_restrict=2",
        "kernel.kptr_restrict\u00a0=2",
        "",
        "=2",
    ],
)
def test_another_line_sets_nothing(line: str) -> None:
    assert KPTR not in read({"/etc/sysctl.d/a.conf": line})


@pytest.mark.parametrize(
    ("files", "systemd", "procps"),
    [
        (["kernel.kptr_restrict=2\n-kernel.kptr_restrict"], None, "2"),
        (["kernel.kptr_restrict=2", "-kernel.kptr_restrict"], None, "2"),
        (["kernel.*=3\nkernel.kptr_restrict=2\n-kernel.kptr_restrict"], None, "2"),
        (["kernel.kptr_restrict=2\n-kernel.kptr_restrict\n-kernel.kptr_restrict"], None, "2"),
        (["kernel.kptr_restrict=2\n-kernel.kptr_restrict\nkernel.kptr_restrict=1"], "1", "1"),
        (["kernel.*=2\n-kernel.*"], None, "2"),
        (["kernel.*=2", "-kernel.*"], None, "2"),
        (["kernel.*=2\n*.kptr_restrict=1\n-kernel.*"], "1", "1"),
        (["kernel.*=2", "-kernel.kptr_restrict"], None, None),
        (["*.kptr_restrict=2", "kernel.*=1\n*.kptr_restrict=2"], "1", "2"),
        (["*.kptr_restrict=2\nkernel.*=1\n*.kptr_restrict=2"], "1", "2"),
    ],
)
def test_only_systemd_takes_back_what_was_set(files: list[str], systemd: str | None, procps: str | None) -> None:
    given = {f"/etc/sysctl.d/{number}.conf": text for number, text in enumerate(files)}
    told = [stated({**boot, **given})["settings"].get(KPTR, {"raw": None})["raw"] for boot in (SYSTEMD, PROCPS)]
    assert told == [systemd, procps]
    assert (KPTR in stated(given)["settings"]) is (systemd == procps and systemd is not None)


def test_where_the_first_separator_is_a_slash_dots_stay() -> None:
    now = {"net.ipv4.conf.eth0/1.forwarding": NOW[KPTR]}
    for name in ("net/ipv4/conf/eth0.1/forwarding", "net.ipv4.conf.eth0/1.forwarding"):
        host = outermost({**SYSTEMD, "/etc/sysctl.d/a.conf": f"{name}=1"})
        assert brief(boot_settings(host, now)["settings"]) == {"net.ipv4.conf.eth0/1.forwarding": ("1", "/etc/sysctl.d/a.conf:1")}


def test_a_setting_that_is_named_outweighs_a_pattern_wherever_it_stands() -> None:
    settings = read({"/usr/lib/sysctl.d/10.conf": "fs.protected_symlinks=1", "/etc/sysctl.d/99.conf": "fs.protected_*links=0"})
    assert brief(settings) == {
        "fs.protected_hardlinks": ("0", "/etc/sysctl.d/99.conf:1"),
        "fs.protected_symlinks": ("1", "/usr/lib/sysctl.d/10.conf:1"),
    }


def test_files_are_ordered_by_name_over_all_directories() -> None:
    files = {"/etc/sysctl.d/10-a.conf": f"{KPTR}=0", "/usr/lib/sysctl.d/50-b.conf": f"\n{KPTR}=2", "/run/sysctl.d/20.conf": f"{KPTR}=1"}
    assert brief(read(files)) == {KPTR: ("2", "/usr/lib/sysctl.d/50-b.conf:2")}
    assert brief(read({**files, "/etc/sysctl.d/Z.conf": f"{KPTR}=0", "/etc/sysctl.d/a.conf": f"{KPTR}=7"}))[KPTR][0] == "7"
    assert brief(read({**files, "/etc/sysctl.d/é.conf": f"{KPTR}=7"}))[KPTR][0] == "7"
    # The byte 80 is before c3, with which an é begins.
    assert brief(read({"/etc/sysctl.d/é.conf": f"{KPTR}=7", "/etc/sysctl.d/\udc80.conf": f"{KPTR}=8"}))[KPTR][0] == "7"


def test_a_pattern_that_is_set_again_counts_where_it_was_set_last() -> None:
    files = {"/etc/sysctl.d/1.conf": "kernel.*=0", "/etc/sysctl.d/2.conf": "*.kptr_restrict=1", "/etc/sysctl.d/3.conf": "kernel.*=2"}
    assert brief(read(files))[KPTR] == ("2", "/etc/sysctl.d/3.conf:1")


@pytest.mark.parametrize("name", ["x", "x.conf~", ".x.conf", "x.conf.dpkg-old"])
def test_other_names_do_not_count(name: str) -> None:
    assert read({f"/etc/sysctl.d/{name}": f"{KPTR}=2"}) == {}


FOLDERS = ["/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d"]


@pytest.mark.parametrize(("earlier", "later"), list(zip(FOLDERS, [*FOLDERS[1:], "/lib/sysctl.d"], strict=True)))
def test_a_file_stands_before_those_of_its_name_in_later_directories(earlier: str, later: str) -> None:
    assert brief(read({f"{earlier}/a.conf": f"{KPTR}=1", f"{later}/a.conf": f"{KPTR}=2"})) == {KPTR: ("1", f"{earlier}/a.conf:1")}
    assert read({f"{earlier}/a.conf": "", f"{later}/a.conf": f"{KPTR}=2"}) == {}


@pytest.mark.parametrize("target", ["/dev/null", "../../dev/null", "/nowhere"])
def test_a_link_to_null_or_to_nothing_masks(target: str) -> None:
    null = {"/dev/null": Stat(type="char", uid=0, gid=0, mode=0o666)}
    files = {"/usr/lib/sysctl.d/a.conf": f"{KPTR}=2", "/usr/lib/sysctl.d/0.conf": f"{KPTR}=1"}
    settings = read(files, links={"/etc/sysctl.d/a.conf": target}, stats=null)
    assert brief(settings) == {KPTR: ("1", "/usr/lib/sysctl.d/0.conf:1")}
    assert settings[KPTR]["root_owned"] is True


def test_a_link_is_read_where_it_leads() -> None:
    settings = read({"/etc/sysctl.conf": f"{KPTR}=2"}, links={"/etc/sysctl.d/99-sysctl.conf": "../sysctl.conf"})
    assert brief(settings) == {KPTR: ("2", "/etc/sysctl.d/99-sysctl.conf:1")}


@pytest.mark.parametrize(
    ("raw", "words"),
    [("010", [8]), ("-0x1F", [-31]), ("9", [9]), ("08", ["08"]), ("0", [0]), ("-", ["-"]), ("", []), ("9" * 25, ["9" * 25])]
    + [("9" * 24, [int("9" * 24)]), ("1a", ["1a"]), ("0x_1", ["0x_1"]), ("0x", ["0x"])],
)
def test_numbers_are_read_as_the_kernel_reads_them(raw: str, words: list[Any]) -> None:
    assert as_written(raw) == words


def test_what_is_not_roots_in_one_place_is_not_whatever_is_unknown_of_another() -> None:
    hole = Hole(why=Why.DENIED, message="no")
    assert [both(hole, False), both(False, hole), both(hole, True), both(True, hole), both(True, True)] == [False, False, hole, hole, True]


@pytest.mark.parametrize(
    ("path", "stat", "owned"),
    [
        ("/etc/sysctl.d/50.conf", Stat(type="file", uid=0, gid=0, mode=0o644), True),
        ("/etc/sysctl.d/50.conf", Stat(type="file", uid=BOB, gid=0, mode=0o644), False),
        ("/etc/sysctl.d/50.conf", Stat(type="file", uid=0, gid=BOB, mode=0o664), False),
        ("/etc/sysctl.d", Stat(type="dir", uid=0, gid=0, mode=0o777), False),
        ("/etc/sysctl.d", Stat(type="dir", uid=0, gid=0, mode=0o1777), True),
        ("/run/sysctl.d", Stat(type="dir", uid=BOB, gid=0, mode=0o755), False),
        ("/usr/lib/sysctl.d/60.conf", Stat(type="file", uid=BOB, gid=0, mode=0o644), False),
        ("/usr/lib/sysctl.d/40.conf", Stat(type="file", uid=BOB, gid=0, mode=0o644), True),
    ],
)
def test_a_setting_is_roots_where_only_root_can_set_it_again(path: str, stat: Stat, owned: bool) -> None:
    files = {"/etc/sysctl.d/50.conf": f"{KPTR}=1", "/usr/lib/sysctl.d/40.conf": "#\n", "/usr/lib/sysctl.d/60.conf": "#\n"}
    assert read(files, stats={path: stat})[KPTR]["root_owned"] is owned
    assert stated({**PROCPS, **files}, stats={path: stat})["settings"][KPTR]["root_owned"] is owned


def test_a_directory_that_is_a_link_into_a_home_is_not_roots() -> None:
    links, bobs = {"/run/sysctl.d": "/home/bob/d"}, {"/home/bob": Stat(type="dir", uid=BOB, gid=BOB, mode=0o755)}
    settings = read({"/etc/sysctl.d/a.conf": f"{KPTR}=1", "/home/bob/d/README": ""}, links=links, stats=bobs)
    assert settings[KPTR]["root_owned"] is False


def test_a_link_into_a_home_is_not_roots() -> None:
    settings = read(
        {"/home/bob/x": f"{KPTR}=1"}, links={"/etc/sysctl.d/a.conf": "/home/bob/x"}, stats={"/home/bob": Stat(type="dir", uid=BOB, gid=BOB, mode=0o755)}
    )
    assert settings[KPTR]["root_owned"] is False


@pytest.mark.parametrize(
    ("what", "why"),
    [
        pytest.param(Stat(type="fifo", uid=0, gid=0, mode=0o644), Why.NONSENSE, id="01-fifo"),
        pytest.param(Stat(type="char", uid=0, gid=0, mode=0o644), Why.NONSENSE, id="02-char-device"),
        pytest.param(Stat(type="dir", uid=0, gid=0, mode=0o755), Why.NONSENSE, id="03-directory"),
        pytest.param("../sysctl.d/50.conf", Why.NONSENSE, id="05-link-loop"),
        pytest.param("#" * ((1 << 16) + 1), Why.LIMIT, id="08-one-huge-line"),
        pytest.param(Stat(type="file", uid=0, gid=0, mode=0o644, size=5 << 30), None, id="09-sparse"),
        pytest.param(b"\x7fELF\xff\x80\0\0", Why.NONSENSE, id="12-nul"),
        pytest.param("a=1\rkernel.kptr_restrict=2\n", Why.NONSENSE, id="13-lone-carriage-return"),
        pytest.param(b"\xff\xfe\xfd=1\n", None, id="11-not-utf-8"),
        pytest.param("kernel/../kernel/kptr_restrict=2\n", Why.NONSENSE, id="24-dots"),
        pytest.param("kernel..kptr_restrict=2\n", Why.NONSENSE, id="24-empty-part"),
        pytest.param("/kernel/kptr_restrict=2\n", Why.NONSENSE, id="24-leading-slash"),
        pytest.param("kernel/./kptr_*=2\n", Why.NONSENSE, id="24-pattern-with-dot"),
        pytest.param("other..name=2\nkernel.{x}=1\n", None, id="24-of-no-concern"),
        pytest.param("kernel.{kptr,x}_*=2\n", Why.NONSENSE, id="24-braces"),
        pytest.param(f"{'*' * 4096}=2\n", Why.LIMIT, id="24-long-pattern"),
        pytest.param(f"{'*' * 4095}=2\n", None, id="24-pattern-as-long-as-can-be"),
        pytest.param(f"{'x' * 5000}=2\n", None, id="24-long-name"),
        pytest.param(DENIED, Why.DENIED, id="20-denied"),
        pytest.param(OSError(errno.ESTALE, "stale"), Why.NONSENSE, id="27-stale"),
        pytest.param(TimeoutError(errno.ETIMEDOUT, "late"), Why.TIMEOUT, id="27-hangs"),
    ],
)
def test_a_hostile_file_costs_what_it_could_set_and_no_more(what: Any, why: Why | None) -> None:
    path = "/etc/sysctl.d/50.conf"
    files: dict[str, Any] = {"/usr/lib/sysctl.d/40.conf": f"{KPTR}=1", "/usr/lib/sysctl.d/60.conf": "kernel.core_pattern=core"}
    more: dict[str, Any] = {}
    if isinstance(what, Stat):
        more["stats"] = {path: what}
        files |= {} if what.type != "file" else {path: ""}
    elif isinstance(what, str) and what.startswith("../"):
        more["links"] = {path: what}
    else:
        files[path] = what
    settings = read(files, **more)
    assert settings["kernel.core_pattern"]["raw"] == "core"
    assert (KPTR in settings) is (why is None)
    if why is not None:
        assert isinstance(settings, OpenObject) and settings.hole.why == why


def test_what_is_set_again_after_a_file_that_cannot_be_read_is_known() -> None:
    settings = read({"/etc/sysctl.d/1.conf": f"{KPTR}=1", "/etc/sysctl.d/2.conf": DENIED, "/etc/sysctl.d/3.conf": f"{KPTR}=1"})
    assert brief(settings) == {KPTR: ("1", "/etc/sysctl.d/3.conf:1")}


@pytest.mark.parametrize("later", ["#\n", "kernel.*=1\n"])
def test_what_the_first_file_says_is_not_passed_over_where_it_cannot_be_read(later: str) -> None:
    settings = read({"/etc/sysctl.d/1.conf": DENIED, "/etc/sysctl.d/2.conf": later})
    assert KPTR not in settings and settings.hole.why == Why.DENIED


def test_a_name_means_a_path() -> None:
    assert [path_of(name) for name in ("a.b/c.d", "a/b.c", "Xa.b", "a", "")] == ["a/b.c/d", "a/b.c", "Xa/b", "a", ""]


def test_more_files_than_a_host_has_are_a_limit() -> None:
    settings = read({f"/etc/sysctl.d/{number}.conf": f"{KPTR}=1" for number in range(10_000)})
    assert isinstance(settings, Hole) and settings.why == Why.LIMIT


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_directory_that_cannot_be_listed_may_mask_anything(folder: str) -> None:
    settings = read({"/etc/sysctl.d/99.conf": f"{KPTR}=1", folder: DENIED} if folder != "/etc/sysctl.d" else {folder: DENIED})
    assert isinstance(settings, Hole) and settings.why == Why.DENIED


def test_a_value_that_the_kernel_refuses_is_nonsense() -> None:
    settings = read({"/etc/sysctl.d/a.conf": f"{KPTR}={'1' * 5000}"})
    assert isinstance(settings, OpenObject) and settings.hole.why == Why.NONSENSE
    assert read({"/etc/sysctl.d/a.conf": f"{KPTR}={'1' * 4095}"})[KPTR]["raw"] == "1" * 4095


def test_a_real_fifo_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.conf")
    with pytest.raises(Exception, match="not a regular file"):
        LocalHost().read_text(str(tmp_path / "a.conf"))


@pytest.mark.parametrize(
    "files",
    [
        {**PROCPS, **MAIN},
        {
            "/etc/sysctl.d/x.conf": "kernel.*=1\n-kernel.kptr_restrict\n",
            "/usr/lib/sysctl.d/x.conf": "kernel.kptr_restrict=1",
            "/etc/sysctl.conf": "kernel.kptr_restrict=0",
        },
    ],
)
def test_denying_any_answer_about_configuration_gives_holes_only(files: dict[str, Any]) -> None:
    assert denied(outermost({**{path: text for path, text in FILES.items() if not path.startswith("/run/systemd")}, **files})) > 200


def results(files: dict[str, Any], **more: Any) -> dict[str, str]:
    document = {"host-role": {"role": "server"}, "kernel": facts(files, **more)}
    return {found["subject"]: found["result"] for found in judge_rule(resolve(BENCHMARK, "HC-KRN-21", {}), Facts(document=document))}


def test_the_rule_judges_each_setting_that_a_file_sets() -> None:
    assert results({"/etc/sysctl.d/60-hostcheck.conf": "kernel.kptr_restrict = 1\nkernel.dmesg_restrict = 0\nnet.ipv4.ip_forward = 0\n"}) == {
        "fs.protected_hardlinks": "pass",
        "fs.protected_symlinks": "pass",
        "kernel.dmesg_restrict": "fail",
        "kernel.kptr_restrict": "pass",
        "kernel.randomize_va_space": "pass",
    }


def test_the_rule_passes_nothing_that_others_may_write_or_that_nothing_applies() -> None:
    loose = {"/etc/sysctl.d/60-hostcheck.conf": Stat(type="file", uid=BOB, gid=0, mode=0o644)}
    # The patterns of 50-default.conf could be outdone by a name in the file that is not root's.
    assert set(results({}, stats=loose).values()) == {"fail"}
    masked = results({"/usr/lib/systemd/system/systemd-sysctl.service": ""})
    # What /etc/sysctl.conf alone sets is not told where nothing reads it.
    assert masked.pop("*") == "notchecked" and set(masked.values()) == {"fail"}


def test_the_rule_says_that_it_cannot_know() -> None:
    assert results({"/etc/sysctl.d": DENIED}, without=("/etc/sysctl.d/",)) == {"*": "error"}
    assert results({"/etc/sysctl.d/99.conf": DENIED}) == {"*": "error"}


def test_this_machine_has_a_configuration() -> None:
    found = probe_kernel.collect(LocalHost())["persisted"]
    assert not isinstance(found["settings"], Hole)


NAMES = st.text("ab.*/[{-", min_size=1, max_size=8)


@given(NAMES)
def test_a_name_of_a_setting_means_a_path_which_means_itself(name: str) -> None:
    path = sysctl_files.path_of(name)
    assert sysctl_files.path_of(path) == path
    assert sorted(path.replace("/", ".")) == sorted(name.replace("/", "."))


@given(st.lists(st.tuples(NAMES, st.text("01 =x", max_size=4)), max_size=4), st.text("\r\0\n# ;-=ab.", max_size=12))
def test_no_sysctl_file_breaks_it(lines: list[tuple[str, str]], rest: str) -> None:
    text = "".join(f"{name} = {value}\n" for name, value in lines) + rest
    try:
        found = sysctl_files.assignments("/x", text, frozenset({"a/b"}))
    except (Nonsense, LimitExceeded):
        return
    assert all(one.key == "a/b" or sysctl_files.GLOB & set(one.key) for one in found)
    assert [one.line for one in found] == sorted({one.line for one in found})


@given(st.integers(-(1 << 63), (1 << 64) - 1))
def test_a_number_is_one_in_every_base(number: int) -> None:
    sign, size = "-" if number < 0 else "", abs(number)
    assert sysctl_files.as_written(f"{sign}0x{size:x} {sign}0{size:o} {number}") == [number] * 3


def test_in_a_user_namespace_it_is_not_known_who_can_change_what_a_file_sets() -> None:
    host = MemoryHost({"/etc/sysctl.d/50.conf": "kernel.kptr_restrict=1"}, links={"/proc/self/ns/user": "user:[4026532000]"})
    one = sysctl_files.read_by_systemd(sysctl_files.configuration(host, ["kernel.kptr_restrict"]), ["kernel.kptr_restrict"])["kernel.kptr_restrict"]
    assert isinstance(one, sysctl_files.Setting) and one.value == "1"
    assert isinstance(one.root_owned, Hole) and one.unread == one.root_owned
    assert one.others == {}
