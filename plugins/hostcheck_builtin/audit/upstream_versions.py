"""Which versions of Docker, containerd and runc their projects no longer fix, or have published a fault of: what is known of them as of 2026.

It is of use for programs that come from these projects as they are. A distribution puts fixes into older versions without changing their number.
"""

import re
from typing import Final, NamedTuple

from hostcheck.api import Nonsense, pattern

VERSION: Final = pattern(r"\Av?([0-9]{1,6})\.([0-9]{1,6})(?:\.([0-9]{1,6}))?(?:[-~](?:alpha|beta|rc)\.?([0-9]{1,6})?)?", re.ASCII)
RELEASED: Final = 1 << 30
Number = tuple[int, int, int, int]
"""Three numbers, and that of a release candidate."""
RUNC: Final = "CVE-2025-31133, CVE-2025-52565 and CVE-2025-52881, by which a container writes to files of the host"
CONTAINERD: Final = "CVE-2024-25621, by which local users read and change what containers are made of"
DOCKER: Final = "CVE-2024-41110, by which requests pass authorization plugins unseen"


class VersionRange(NamedTuple):
    """Versions from the first up to the second, without it; `fault` is "" where the project has just ended its fixes."""

    component: str
    first: Number
    below: Number
    fault: str = ""


def number(text: str) -> Number:
    """Return a version as numbers; raises Nonsense where it is none."""
    found = VERSION.match(text)
    if not found:
        raise Nonsense("a version that does not begin with numbers")
    major, minor, patch, candidate = found.groups()
    is_candidate = found.end() > found.end(3 if patch else 2)
    return int(major), int(minor), int(patch or 0), int(candidate or 0) if is_candidate else RELEASED


def _from(text: str) -> Number:
    return (*number(text)[:3], 0)


RANGES: Final = (
    # project/BRANCHES-AND-TAGS.md of moby/moby; GHSA-v23v-6jw2-98fq
    VersionRange("docker", (0, 0, 0, 0), _from("25.0")),
    VersionRange("docker", _from("26.0"), _from("26.1")),
    VersionRange("docker", _from("27.0"), _from("28.0")),
    VersionRange("docker", _from("25.0"), number("25.0.6"), DOCKER),
    VersionRange("docker", _from("26.1"), number("26.1.5"), DOCKER),
    # RELEASES.md of containerd/containerd; GHSA-pwhc-rpq9-4c8w
    VersionRange("containerd", (0, 0, 0, 0), _from("1.7")),
    VersionRange("containerd", _from("2.0"), _from("2.1")),
    VersionRange("containerd", _from("1.7"), number("1.7.29"), CONTAINERD),
    VersionRange("containerd", _from("2.1"), number("2.1.5"), CONTAINERD),
    # GHSA-9493-h29p-rfm2, GHSA-qw9x-cqr3-wc7r, GHSA-cgrx-mc8f-2prm
    VersionRange("runc", (0, 0, 0, 0), number("1.2.8"), RUNC),
    VersionRange("runc", _from("1.3"), number("1.3.3"), RUNC),
    VersionRange("runc", _from("1.4"), number("1.4.0-rc.3"), RUNC),
)


def known_of(component: str, version: str) -> tuple[str, str]:
    """Return faulty, ended or supported, with the fault; raises Nonsense where the version is none."""
    of = number(version)
    met = [one for one in RANGES if one.component == component and one.first <= of < one.below]
    fault = next((one.fault for one in met if one.fault), "")
    return ("faulty" if fault else "ended" if met else "supported"), fault


def of_package(version: str) -> str:
    """Return the version of the project in that of a package of dpkg's: without epoch and revision (deb-version(7))."""
    plain = version.rpartition(":")[2]
    return plain.rpartition("-")[0] or plain
