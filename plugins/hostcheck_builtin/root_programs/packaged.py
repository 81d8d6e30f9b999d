"""Which of the files that are run below /etc packages brought: what none did is of this host's own."""

from collections.abc import Iterable

from hostcheck.api import Host, attempt, map_known
from hostcheck_builtin.root_programs.uses import FileGroup
from hostcheck_builtin.system.package_digests import PackageDigests


def tell(host: Host, groups: Iterable[FileGroup]) -> None:
    """Note of each such file of these groups whether a package brought it; without one no database of packages is read."""
    asked = [(group, path, real) for group in groups for path, real in group.settings().items()]
    if asked:
        packages = PackageDigests(host, (real.rpartition("/")[2] for _, _, real in asked), ())
        for group, path, real in asked:
            group.brought(path, map_known(attempt(packages.of, real), bool))
