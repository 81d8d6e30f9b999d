"""What is known of versions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.host import Nonsense
from hostcheck_builtin.audit.upstream_versions import known_of, number, of_package


@pytest.mark.parametrize(
    ("component", "version", "status"),
    [
        ("docker", "20.10.24", "ended"),
        ("docker", "24.0.9", "ended"),
        ("docker", "25.0.5", "faulty"),
        ("docker", "25.0.6", "supported"),
        ("docker", "26.0.2", "ended"),
        ("docker", "26.1.4", "faulty"),
        ("docker", "26.1.5", "supported"),
        ("docker", "27.5.1", "ended"),
        ("docker", "28.0.0-rc.1", "supported"),
        ("docker", "31.0.0", "supported"),
        ("containerd", "1.6.39", "ended"),
        ("containerd", "v1.7.28", "faulty"),
        ("containerd", "1.7.29", "supported"),
        ("containerd", "2.0.7", "ended"),
        ("containerd", "2.1.4", "faulty"),
        ("containerd", "2.2.0", "supported"),
        ("runc", "1.1.11", "faulty"),
        ("runc", "1.2.7", "faulty"),
        ("runc", "1.2.8", "supported"),
        ("runc", "1.3.0-rc.2", "faulty"),
        ("runc", "1.3.2", "faulty"),
        ("runc", "1.3.3", "supported"),
        ("runc", "1.4.0-rc.2", "faulty"),
        ("runc", "1.4.0-rc.3", "supported"),
        ("runc", "1.4.0", "supported"),
    ],
)
def test_what_is_known_of_a_version(component: str, version: str, status: str) -> None:
    assert known_of(component, version)[0] == status
    assert bool(known_of(component, version)[1]) is (status == "faulty")


def test_numbers_are_in_order() -> None:
    versions = ["1.4.0-rc.2", "1.4.0~rc.3", "1.4.0", "1.4.1", "1.10", "2.0"]
    assert sorted(versions, key=number) == versions


@pytest.mark.parametrize("version", ["", "master", "v", "1", "-1.2", "dev-1.2"])
def test_what_is_no_version_is_not_judged(version: str) -> None:
    with pytest.raises(Nonsense):
        known_of("docker", version)


@given(st.text(max_size=30) | st.from_regex(r"v?[0-9]{1,9}\.[0-9]{1,9}(\.[0-9]{1,9})?(-rc\.?[0-9]*)?"))
def test_any_text_is_a_version_or_nonsense(text: str) -> None:
    try:
        assert known_of("runc", text)[0] in ("supported", "faulty", "ended")
    except Nonsense:
        pass


@pytest.mark.parametrize(
    ("package", "version"),
    [
        ("5:27.3.1-1~debian.12~bookworm", "27.3.1"),
        ("5:28.0.0~rc.1-1~ubuntu.24.04~noble", "28.0.0~rc.1"),
        ("1.7.22-1", "1.7.22"),
        ("1.7.22", "1.7.22"),
        ("5:27.3.1", "27.3.1"),
    ],
)
def test_the_projects_version_in_that_of_a_package(package: str, version: str) -> None:
    assert of_package(package) == version
