import pytest
from hypothesis import given
from hypothesis import strategies as st
from runtimes.runtime_host import CONTAINERD, UNIT, argv, host, tellers, why

from hostcheck.host import Nonsense
from hostcheck.model import Hole
from hostcheck_builtin.runtimes.command_options import OPTIONS, Teller, installed, options


@pytest.mark.parametrize(
    ("words", "given"),
    [
        ([], {}),
        (["--config", "/a"], {"config": ["/a"]}),
        (["-config", "/a"], {"config": ["/a"]}),
        (["--c=/a", "-c", "/b"], {"config": ["/a", "/b"]}),
        (["-l", "info", "--config=/a"], {"config": ["/a"]}),
        (["--log-level", "info", "-a", "/run/x.sock"], {"address": ["/run/x.sock"]}),
        (["--configure", "/a"], {}),
    ],
)
def test_options_are_read_as_go_reads_them(words: list[str], given: dict[str, list[str]]) -> None:
    assert options(words, "containerd") == given


@pytest.mark.parametrize("words", [["config", "dump"], ["-c", "/a", "config", "default"], ["publish"], ["--help", "help"]])
def test_a_command_that_is_no_daemon(words: list[str]) -> None:
    assert options(words, "containerd") is None


def test_a_switch_takes_no_next_word() -> None:
    assert options(["--selinux", "--enable-nri=false", "-d", "/x"], "crio") == {"selinux": ["true"], "enable-nri": ["false"], "config-dir": ["/x"]}


def test_an_option_without_its_value_starts_nothing() -> None:
    """As where the kernel's answer was cut short."""
    with pytest.raises(Nonsense):
        options(["--config"], "containerd")


@given(st.sampled_from(sorted(OPTIONS)), st.lists(st.text(max_size=12)))
def test_any_command_line_is_read(program: str, words: list[str]) -> None:
    try:
        found = options(words, program)
    except Nonsense:
        return
    assert found is None or set(found) <= set(OPTIONS[program].values())


def test_who_runs_and_what_it_was_told() -> None:
    found = tellers(host({}, ("/usr/bin/containerd", "-c", "/a.toml"), ("/usr/bin/buildkitd", "--allow-insecure-entitlement", "network.host")))
    assert found["containerd"].processes == [Teller(options={"config": ["/a.toml"]}, config="/a.toml")]
    assert found["buildkitd"].processes == [Teller(options={"allow-insecure-entitlement": ["network.host"]})]
    assert (found["crio"].all, found["containerd"].unread) == ([], None)


def test_k3s_is_containerd_by_the_name_that_it_was_started_by() -> None:
    one = host({"/proc/100/cmdline": argv("containerd", "-c", "/k.toml")}, ("/var/lib/rancher/k3s/data/1/bin/k3s", "server"))
    assert tellers(one)["containerd"].processes == [Teller(options={"config": ["/k.toml"]}, config="/k.toml")]
    assert tellers(host({}, ("/usr/local/bin/k3s", "server")))["containerd"].processes == []


def test_a_path_that_depends_on_where_it_was_started() -> None:
    one = host({}, ("/usr/bin/containerd", "-c", "a/../b.toml"), links={"/proc/100/cwd": "/srv"})
    assert tellers(one)["containerd"].processes[0].config == "/srv/b.toml"


def test_a_command_line_that_is_hidden_may_be_any() -> None:
    one = host({"/proc/100/cmdline": PermissionError(13, "no", "/proc/100/cmdline")}, ("/usr/bin/containerd",))
    assert why(tellers(one)["containerd"].unread).startswith("denied")


def test_a_process_that_ended_says_nothing() -> None:
    assert tellers(host({"/proc/100/cmdline": b""}, ("/usr/bin/containerd",)))["containerd"].all == []


@pytest.mark.parametrize(
    ("unit", "config"),
    [
        ("[Service]\nExecStart=/usr/bin/containerd\n", ""),
        ("[Service]\nExecStart=-/usr/bin/containerd --config /a.toml\n", "/a.toml"),
        ('[Service]\nExecStart=/usr/bin/containerd "--config=/a b.toml"\n', "/a b.toml"),
        ("[Service]\nExecStart=/usr/bin/containerd -c /a\nExecStart=\nExecStart=/usr/bin/containerd -c /b\n", "/b"),
        ("[Service]\nExecStart=/usr/bin/containerd \\\n  -c /a.toml\n", "/a.toml"),
        ("[Service]\nEnvironment='OPTS=-c /a.toml'\nExecStart=/usr/bin/containerd $OPTS ${MORE}\n", "/a.toml"),
        ("[Service]\nEnvironmentFile=-/etc/default/containerd\nExecStart=/usr/bin/containerd $FROM_FILE\n", "/f.toml"),
    ],
)
def test_what_a_unit_says(unit: str, config: str) -> None:
    found = tellers(host({**CONTAINERD, UNIT: unit, "/etc/default/containerd": '# x\nFROM_FILE="-c /f.toml"\n'}))["containerd"]
    assert [one.config for one in found.units] == [config]
    assert (found.units[0].by, found.unread) == ("containerd.service", None)


def test_the_unit_of_crio_as_its_makers_ship_it() -> None:
    """Of the variables that it names, a site sets some or none."""
    unit = "[Service]\nType=notify\nEnvironmentFile=-/etc/sysconfig/crio\nEnvironment=GOTRACEBACK=crash\nExecStart=/usr/bin/crio \\\n"
    unit += "          $CRIO_CONFIG_OPTIONS \\\n          $CRIO_RUNTIME_OPTIONS\nExecReload=/bin/kill -s HUP $MAINPID\n"
    files = {"/usr/bin/crio": "", "/usr/lib/systemd/system/crio.service": unit}
    assert tellers(host(files))["crio"].units == [Teller(options={}, by="crio.service")]
    found = tellers(host({**files, "/etc/sysconfig/crio": "CRIO_RUNTIME_OPTIONS='--selinux=false -d /d'\n"}))["crio"]
    assert found.units == [Teller(options={"selinux": ["false"], "config-dir": ["/d"]}, by="crio.service")]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("ExecStart=/usr/bin/containerd -c /etc/%m.toml", "unsupported"),
        ("PassEnvironment=NAME\nExecStart=/usr/bin/containerd -c /etc/${NAME}.toml", "unsupported"),
        ("ExecStart=/usr/bin/containerd 'open", "unread"),
        ("EnvironmentFile=/etc/*.env\nExecStart=/usr/bin/containerd $OPTS", "nonsense"),
        ("EnvironmentFile=/etc/*/x.env\nExecStart=/usr/bin/containerd $OPTS", "unsupported"),
    ],
)
def test_what_a_unit_says_in_a_way_that_is_not_followed_is_not_known(lines: str, reason: str) -> None:
    found = tellers(host({**CONTAINERD, UNIT: f"[Service]\n{lines}\n"}))["containerd"]
    assert found.units == [] and (why(found.unread).startswith(reason) if reason != "unread" else found.unread is None)


@pytest.mark.parametrize(
    "files",
    [
        {UNIT: ""},
        {UNIT: "[Service]\nExecStart=/usr/bin/other\n"},
        {UNIT: "[Service]\nExecStart=/opt/gone/containerd\n"},
        {UNIT: "[Service]\nExecStart=/usr/bin/containerd config dump\n"},
        {UNIT: "[Service]\nExecStart=/usr/bin/containerd\nExecStart=\n"},
    ],
)
def test_a_unit_that_starts_no_containerd(files: dict[str, str]) -> None:
    assert tellers(host({"/usr/bin/containerd": "", **files}))["containerd"].units == []


def test_what_is_installed() -> None:
    one = host({"/usr/local/bin/k0s": "", "/opt/x": ""})
    assert (installed(one, ("k0s",)), installed(one, ("/opt/x",)), installed(one, ("rke2",))) == (True, True, False)
    closed = host({"/opt/bin": PermissionError(13, "no", "/opt/bin")})
    assert isinstance(installed(closed, ("k0s",)), Hole)
