"""The configuration of a kernel is the running one's or none, and whatever is packed in its place costs no more than it may."""

import errno
import gzip
import tracemalloc
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from system.outermost import outermost

from hostcheck.host import Nonsense
from hostcheck.host.answers import Stat
from hostcheck.model import Hole, Why
from hostcheck_builtin.kernel.kernel_config import OPTIONS, SIZE, kernel_config, options, unpacked

DENIED = Hole(why=Why.DENIED, message="no")
REFUSED = PermissionError(errno.EACCES, "denied")
RELEASE = "6.12.9-amd64\n"
TEXT = 'CONFIG_USER_NS=y\nCONFIG_TTY=m\n# CONFIG_KEXEC_CORE is not set\nCONFIG_BPF_JIT="x"\n  CONFIG_IO_URING=y\nCONFIG_USER_NS_UNPRIVILEGED=n\n'


def config(files: dict[str, Any], release: Any = RELEASE, **more: Any) -> Any:
    return kernel_config(outermost(files, **more), release)


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


@given(st.dictionaries(st.sampled_from(OPTIONS), st.sampled_from("ymn"), max_size=6), st.text(max_size=20))
def test_a_configuration_is_read_back(values: dict[str, str], rest: str) -> None:
    text = "".join(f"CONFIG_{name}={value}\n" for name, value in values.items()) + f"#{rest}"
    wanted = {f"CONFIG_{name}": values.get(name, "n") for name in OPTIONS}
    if "\nCONFIG_" not in rest:
        assert options(text) == options(unpacked(gzip.compress(text.encode("utf-8"))).decode()) == wanted


@given(st.binary(max_size=60))
def test_what_is_not_packed_is_nonsense(packed: bytes) -> None:
    with pytest.raises(Nonsense):
        unpacked(packed)
