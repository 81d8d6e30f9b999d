import pytest
from root_programs.root_host import access, file, folder, host, listed, places

from hostcheck.testing.probes import stated
from hostcheck_builtin.root_programs import package_hooks, probe_root_programs

OWN = "/opt/own"
THERE = {"/usr/bin/apt-get": "x", "/usr/bin/dpkg": "x", OWN: "x"}
ANNS = {OWN: file(1000)}
CONF = "/etc/apt/apt.conf.d/90own"
CFG = "/etc/dpkg/dpkg.cfg.d/own"
SHIPPED = """
// docker-clean
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb || true"; };
Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache "";
// 20packagekit
DPkg::Post-Invoke {
"/usr/bin/test -e /usr/share/dbus-1/system-services/org.freedesktop.PackageKit.service && /usr/bin/test -S /var/run/dbus/system_bus_socket && /usr/bin/gdbus \
call --system --dest org.freedesktop.PackageKit --object-path /org/freedesktop/PackageKit --timeout 4 --method x > /dev/null; /bin/echo > /dev/null";
};
// 50command-not-found
APT::Update::Post-Invoke-Success {
"if /usr/bin/test -w /var/lib/command-not-found/ -a -e /usr/lib/cnf-update-db; then /usr/lib/cnf-update-db > /dev/null; fi"; };
// 99needrestart, 70debconf, 15update-stamp, 99update-notifier
DPkg::Post-Invoke {"test -x /usr/lib/needrestart/apt-pinvoke && /usr/lib/needrestart/apt-pinvoke || true"; };
DPkg::Pre-Install-Pkgs {"/usr/sbin/dpkg-preconfigure --apt || true";};
APT::Update::Post-Invoke-Success {"touch /var/lib/apt/periodic/update-success-stamp 2>/dev/null || true";};
DPkg::Post-Invoke {
"if [ -d /var/lib/update-notifier ]; then touch /var/lib/update-notifier/dpkg-run-stamp; fi; \
/usr/lib/update-notifier/update-motd-updates-available 2>/dev/null || true";};
"""


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        (CONF, 'DPkg::Pre-Invoke {"/opt/own";};', 1),
        ("/etc/apt/apt.conf", 'DPkg { Post-Invoke { named "x=1 /opt/own || true"; }; };', 1),
        (CONF, '\ndpkg::pre-install-pkgs:: "/opt/own";', 2),
        (CONF, 'APT::Update::Pre-Invoke {"if [ -x /opt/own ]; then /opt/own; fi";};', 1),
        (CONF, 'APT { Update { Post-Invoke-Success {"/opt/own"; }; }; };', 1),
        (CONF, 'Dir::Bin::dpkg "/opt/own";', 1),
        (CONF, 'DPkg::Options { "--force-confold"; "--post-invoke=/opt/own"; };', 1),
        (CFG, "# own\npre-invoke=/opt/own", 2),
        ("/etc/dpkg/dpkg.cfg", "post-invoke '/opt/own x'", 1),
        ("/root/.dpkg.cfg", "status-logger = /opt/own", 1),
    ],
)
def test_what_hooks_run(path: str, text: str, line: int) -> None:
    told = listed("units", {**THERE, path: text}, stats=ANNS)
    assert places({OWN: told[OWN]}) == {OWN: [f"{path}:{line} runs"]}
    (use,) = told[OWN]["uses"].values()
    assert (use["kind"], use["certain"], use["user"], use["when"]) == ("hook", True, "root", "package")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (CONF, 'DPkg::Pre-Invoke "/opt/own";'),
        (CONF, 'DPkg::Pre-Invoke { A { "/opt/own"; }; };'),
        (CONF, 'DPkg::Pre-Invoke {"/opt/own";}; #clear DPkg::Pre-Invoke;'),
        (CONF, 'DPkg::Pre-Invoke::own "/opt/own"; DPkg::Pre-Invoke::own "true";'),
        (CONF, 'Own::Pre-Invoke {"/opt/own";};'),
        (f"{CONF}.dpkg-old", 'DPkg::Pre-Invoke {"/opt/own";};'),
        (f"{CFG}.old", "pre-invoke=/opt/own"),
        (CFG, "#pre-invoke=/opt/own"),
        (CFG, " pre-invoke=/opt/own"),
        (CFG, "log /opt/own"),
    ],
)
def test_what_is_no_hook(path: str, text: str) -> None:
    assert OWN not in listed("units", {**THERE, path: text}, stats=ANNS)


def test_who_changes_what_a_hook_runs_is_told() -> None:
    found = access({**THERE, CONF: 'DPkg::Pre-Invoke {"/opt/own";};'}, stats=ANNS)[OWN]
    assert (found["certain"], sorted(found["changed_by"]["users"])) == (True, ["ann"])


@pytest.mark.parametrize("gone", ["/usr/bin/apt-get", "/usr/bin/dpkg"])
def test_without_the_program_nothing_is_certain(gone: str) -> None:
    text = {CONF: 'DPkg::Pre-Invoke {"/opt/own";};', CFG: "pre-invoke=/opt/own"}
    told = listed("units", {**THERE, **text, gone: None}, stats=ANNS)
    assert sorted(use["certain"] for use in told[OWN]["uses"].values()) == [False, True]


def test_what_is_included_counts() -> None:
    more = {CONF: '#include "/opt/conf/";\n#include "/opt/one";', "/opt/conf/own": 'DPkg::Pre-Invoke {"/opt/own";};', "/opt/conf/b.old": "", "/opt/one": ""}
    told = listed("units", {**THERE, **more}, stats={**ANNS, "/opt/one": file(1001), "/opt/conf": folder(0, 0o775, 50)})
    assert {path: one for path, one in places(told).items() if path.startswith("/opt")} == {
        "/opt/conf": [f"{CONF}:1 all"],
        "/opt/conf/own": [f"{CONF}:1 reads"],
        "/opt/one": [f"{CONF}:2 reads"],
    }


@pytest.mark.parametrize("text", ['DPkg::Pre-Invoke {"/opt/own";};', "a {" * 100, '#include "/etc/apt/apt.conf.d/90own";'])
def test_what_a_user_lays_costs_nobody_else(text: str) -> None:
    told = listed("units", {**THERE, CONF: text}, stats={**ANNS, CONF: file(1001)})
    assert list(told) == [CONF] and not hasattr(told, "hole")


def test_what_packages_bring_says_nothing() -> None:
    assert not listed("units", {**THERE, CONF: SHIPPED, CFG: "force-unsafe-io\nlog /var/log/dpkg.log\n"})


@pytest.mark.parametrize(("name", "text"), [("APT_FILES", '#include "/etc/apt/apt.conf.d/90own";'), ("APT_SETTINGS", "A 1; B 2;")])
def test_there_are_bounds(name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package_hooks, name, 1)
    told = stated(probe_root_programs.collect, host({**THERE, CONF: text}))
    assert "of apt's settings" in (message := told["units"]["files"].hole.message) or "settings of apt's" in message
