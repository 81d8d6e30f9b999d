"""What filters a container was told to have: in which words, which of two holds, and what each engine means by nothing."""

from typing import Any

import pytest
from containers.container_host import MASKED, READ_ONLY, inspected

from hostcheck.model import Hole, Why
from hostcheck_builtin.containers import security_options


def told(*options: str, engine: str = "docker", **config: Any) -> Any:
    return security_options.filters(inspected(engine=engine, SecurityOpt=list(options), **config), engine)


@pytest.mark.parametrize(
    ("options", "seccomp"),
    [
        ((), "default"),
        (("seccomp=unconfined",), "unconfined"),
        (("seccomp:unconfined",), "unconfined"),
        (("seccomp=builtin",), "default"),
        (('seccomp={"defaultAction":"SCMP_ACT_ERRNO"' + "x" * 100_000,), "custom"),
        (("seccomp=unconfined", "seccomp=builtin"), "default"),
        (("seccomp=builtin", "seccomp=unconfined"), "unconfined"),
        (("seccomp",), "default"),
    ],
)
def test_the_filter_of_system_calls(options: tuple[str, ...], seccomp: str) -> None:
    assert told(*options)["seccomp"] == seccomp


@pytest.mark.parametrize(
    ("options", "apparmor", "selinux"),
    [
        ((), "default", "default"),
        (("apparmor=unconfined", "label=disable"), "unconfined", "disabled"),
        (("apparmor=mine", "label=type:my_t"), "set", "set"),
        (("label:type:spc_t", "label=level:s0"), "default", "disabled"),
    ],
)
def test_the_security_modules(options: tuple[str, ...], apparmor: str, selinux: str) -> None:
    found = told(*options)
    assert (found["apparmor"], found["selinux"]) == (apparmor, selinux)


@pytest.mark.parametrize(
    ("options", "known"),
    [
        ((), "default"),
        (("no-new-privileges",), "on"),
        (("no-new-privileges:true",), "on"),
        (("no-new-privileges=1",), "on"),
        (("no-new-privileges=false",), "off"),
        (("no-new-privileges=perhaps",), "off"),
        (("no-new-privileges", "no-new-privileges=false"), "off"),
        (("no-new-privileges=false", "no-new-privileges"), "on"),
    ],
)
def test_no_new_privileges(options: tuple[str, ...], known: str) -> None:
    assert told(*options)["no_new_privileges"] == known


@pytest.mark.parametrize(
    ("masked", "read_only", "privileged", "known"),
    [
        (MASKED, READ_ONLY, False, "default"),
        ([], [], False, "none"),
        (MASKED, [], False, "none"),
        (None, [], False, "none"),
        (None, None, False, "default"),
        (None, None, True, "none"),
        (["/proc/acpi"], READ_ONLY, False, "custom"),
        (MASKED, ["/proc/sys"], False, "custom"),
    ],
)
def test_what_docker_hides(masked: Any, read_only: Any, privileged: bool, known: str) -> None:
    assert told(MaskedPaths=masked, ReadonlyPaths=read_only, Privileged=privileged)["masked_paths"] == known


@pytest.mark.parametrize("lists", [{"MaskedPaths": "x"}, {"ReadonlyPaths": [1]}, {"MaskedPaths": None, "Privileged": "no"}])
def test_what_is_no_list_hides_nothing_that_is_known(lists: Any) -> None:
    assert isinstance(told(**lists)["masked_paths"], Hole)


@pytest.mark.parametrize(("options", "known"), [(("unmask=all",), "none"), (("unmask=ALL",), "none"), ((), None), (("unmask=/proc/acpi",), None)])
def test_podman_tells_only_that_all_is_shown(options: tuple[str, ...], known: str | None) -> None:
    found = told(*options, engine="podman")["masked_paths"]
    assert (found if known else found.why) == (known or Why.UNSUPPORTED)


@pytest.mark.parametrize("options", ["seccomp=unconfined", [1], {"seccomp": "unconfined"}, ["x"] * 1001])
def test_options_that_are_none_leave_everything_unknown(options: Any) -> None:
    found = security_options.filters(inspected(SecurityOpt=options), "docker")
    assert all(isinstance(found[fact], Hole) for fact in ("seccomp", "apparmor", "selinux", "no_new_privileges"))
