import errno
import gzip
import tracemalloc
import zlib
from typing import Any

import pytest

from hostcheck.host import Stat
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole, OpenArray, Why
from hostcheck_builtin.kernel.kernel_config import SIZE, kernel_config
from hostcheck_builtin.kernel.userns import user_namespaces

CLONE, MOST = "kernel.unprivileged_userns_clone", "user.max_user_namespaces"
RESTRICT = "kernel.apparmor_restrict_unprivileged_userns"
COMPLAIN, UNCONFINED = f"{RESTRICT}_complain", "kernel.apparmor_restrict_unprivileged_unconfined"
PROC = {"/proc/self/status": "", "/proc/self/uid_map": ""}
DENIED = Hole(why=Why.DENIED, message="no")
REFUSED = PermissionError(errno.EACCES, "denied")


def told(apparmor: Any = False, files: dict[str, Any] | None = None, **values: int | Hole) -> Any:
    sysctl: dict[str, Any] = {name: {"present": False} for name in (CLONE, RESTRICT, COMPLAIN, UNCONFINED)}
    sysctl[MOST] = {"present": True, "value": 63000, "raw": "63000"}
    names = {"clone": CLONE, "most": MOST, "restrict": RESTRICT, "complain": COMPLAIN, "unconfined": UNCONFINED}
    for word, value in values.items():
        sysctl[names[word]] = value if isinstance(value, Hole) else {"present": True, "value": value, "raw": str(value)}
    return user_namespaces(MemoryHost(PROC if files is None else files), sysctl, apparmor)


@pytest.mark.parametrize(
    ("apparmor", "values", "who", "closed"),
    [
        pytest.param(False, {}, "yes", [], id="fedora"),
        pytest.param(True, {"clone": 1}, "yes", [], id="debian"),
        pytest.param(True, {"clone": 0}, "no", [CLONE], id="debian-off"),
        pytest.param(False, {"most": 0}, "no", [MOST], id="rhel-off"),
        pytest.param(True, {"clone": 0, "most": 0}, "no", [CLONE, MOST], id="both-off"),
        pytest.param(True, {"clone": 1, "restrict": 1, "complain": 0, "unconfined": 0}, "by profile", [], id="ubuntu-24.04"),
        pytest.param(True, {"restrict": 1}, "by profile", [], id="ubuntu-23.10"),
        pytest.param(True, {"restrict": 1, "complain": 0, "unconfined": 1}, "confined", [], id="ubuntu-hardened"),
        pytest.param(True, {"restrict": 1, "complain": 1, "unconfined": 1}, "yes", [], id="ubuntu-complains"),
        pytest.param(True, {"restrict": 0, "unconfined": 1}, "yes", [], id="ubuntu-off"),
        pytest.param(False, {"restrict": 1, "unconfined": 1}, "yes", [], id="ubuntu-without-apparmor"),
        pytest.param(DENIED, {"most": 0, "restrict": DENIED}, "no", [MOST], id="off-whatever-else"),
        pytest.param(DENIED, {"restrict": 0}, "yes", [], id="on-whatever-else"),
    ],
)
def test_each_distribution_has_a_switch_of_its_own(apparmor: Any, values: dict[str, Any], who: str, closed: list[str]) -> None:
    assert told(apparmor, **values) == {"supported": True, "unprivileged": who, "closed_by": closed}


@pytest.mark.parametrize(
    ("apparmor", "values"),
    [(True, {"clone": DENIED}), (True, {"most": DENIED}), (DENIED, {"restrict": 1}), (True, {"restrict": DENIED}), (True, {"restrict": 1, "complain": DENIED})],
)
def test_a_switch_that_cannot_be_read_leaves_it_open(apparmor: Any, values: dict[str, Any]) -> None:
    assert told(apparmor, **values)["unprivileged"] == DENIED
    assert told(True, restrict=1, unconfined=DENIED)["unprivileged"] == DENIED


def test_what_closes_it_may_not_be_all() -> None:
    closed = told(most=0, clone=DENIED)["closed_by"]
    assert list(closed) == [MOST] and isinstance(closed, OpenArray)


def test_a_kernel_without_user_namespaces_gives_nobody_one() -> None:
    assert told(files={"/proc/self/status": ""}) == {"supported": False, "unprivileged": "no", "closed_by": ["CONFIG_USER_NS"]}


@pytest.mark.parametrize("files", [{}, {"/proc/self": REFUSED}])
def test_hidden_proc_says_nothing_of_user_namespaces_76(files: dict[str, Any]) -> None:
    found = told(files=files)
    assert isinstance(found["supported"], Hole) and isinstance(found["unprivileged"], Hole)
    assert told(files=files, most=0)["unprivileged"] == "no"


RELEASE = "6.12.9-amd64\n"
TEXT = 'CONFIG_USER_NS=y\nCONFIG_TTY=m\n# CONFIG_KEXEC_CORE is not set\nCONFIG_BPF_JIT="x"\n  CONFIG_IO_URING=y\nCONFIG_USER_NS_UNPRIVILEGED=n\n'


def config(files: dict[str, Any], release: Any = RELEASE, **more: Any) -> Any:
    return kernel_config(MemoryHost(files, **more), release)


@pytest.mark.parametrize("path", ["/boot/config-6.12.9-amd64", "/usr/lib/modules/6.12.9-amd64/config", "/lib/modules/6.12.9-amd64/config"])
def test_the_configuration_is_that_of_the_running_release(path: str) -> None:
    found = config({path: TEXT, "/boot/config-6.12.9": "CONFIG_IO_URING=y\n"})
    assert (found["source"], found["root_owned"]) == (path, True)
    assert {name for name, value in found["options"].items() if value == "y"} == {"CONFIG_USER_NS"}
    assert found["options"]["CONFIG_BPF_JIT"] == "n" and found["options"]["CONFIG_TTY"] == "m" and found["options"]["CONFIG_KEXEC_CORE"] == "n"


def test_what_the_kernel_itself_shows_comes_first() -> None:
    found = config({"/proc/config.gz": gzip.compress(TEXT.encode()), "/boot/config-6.12.9-amd64": ""}, DENIED)
    assert (found["source"], found["root_owned"]) == ("/proc/config.gz", True) and found["options"]["CONFIG_USER_NS"] == "y"
    odd = config({"/proc/config.gz": gzip.compress(b"CONFIG_X=\xff\nCONFIG_TTY=y\n")})
    assert odd["options"]["CONFIG_TTY"] == "y"


def test_no_configuration_says_no_option() -> None:
    assert config({}) == {"source": ""}


@pytest.mark.parametrize(
    ("packed", "why"),
    [
        (gzip.compress(b"#" * (SIZE + 1)), Why.LIMIT),
        (gzip.compress(b"\0" * (32 << 20), compresslevel=1), Why.LIMIT),
        (b"\0" * (SIZE + 1), Why.LIMIT),
        (b"CONFIG_USER_NS=y", Why.NONSENSE),
        (zlib.compress(TEXT.encode()), Why.NONSENSE),
        (gzip.compress(TEXT.encode())[:-4], Why.NONSENSE),
        (b"", Why.NONSENSE),
        (REFUSED, Why.DENIED),
    ],
)
def test_a_configuration_that_cannot_be_read_is_a_hole_and_no_other_is_tried(packed: Any, why: Why) -> None:
    found = config({"/proc/config.gz": packed, "/boot/config-6.12.9-amd64": TEXT})
    assert isinstance(found, Hole) and found.why == why


def test_a_configuration_as_long_as_one_can_be_is_read() -> None:
    text = b"CONFIG_USER_NS=y\n"
    found = config({"/proc/config.gz": gzip.compress(text + b"#" * (SIZE - len(text)))})
    assert found["options"]["CONFIG_USER_NS"] == "y"


def test_a_bomb_is_not_unpacked_further_than_a_configuration_goes() -> None:
    bomb = gzip.compress(b"\0" * (64 << 20), compresslevel=9)
    tracemalloc.start()
    assert config({"/proc/config.gz": bomb}).why == Why.LIMIT
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 << 20


@pytest.mark.parametrize("release", ["", "../../etc/shadow\n", DENIED])
def test_a_release_that_names_no_file_is_not_followed(release: Any) -> None:
    assert isinstance(config({"/etc/shadow": TEXT}, release), Hole)


def test_a_configuration_in_a_users_directory_is_said_to_be() -> None:
    found = config({"/home/bob/config": TEXT}, links={"/boot/config-6.12.9-amd64": "/home/bob/config"})
    assert found["root_owned"] is True
    loose = {"/home/bob": Stat(type="dir", uid=1000, gid=1000, mode=0o755)}
    assert config({"/home/bob/config": TEXT}, links={"/boot/config-6.12.9-amd64": "/home/bob/config"}, stats=loose)["root_owned"] is False
