"""What every test stands on: one tree of sources, and one profile of hypothesis.

`python -m pytest` puts the checkout on `sys.path` and so can mix its modules with installed ones; a run that did would prove nothing, and stops here.
"""

import gc
import os
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

PLACES = {"hostcheck": "hostcheck", "hostcheck_builtin": "plugins/hostcheck_builtin", "hostcheck_reports": "reports"}

# Other examples every time: a suite that many people run many times sees more than one that always sees the same.
settings.register_profile("quick", deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", settings.get_profile("quick"), max_examples=200)
# For `tox -e mutation`: that an example is red is enough there, and it need not be a small one.
settings.register_profile(
    "mutation", settings.get_profile("quick"), derandomize=True, phases=[Phase.explicit, Phase.generate], database=None, report_multiple_bugs=False
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

DEALT_OUT = {
    "bad_vendors/test_attacks",
    "bad_vendors/test_hostile",
    "bad_vendors/test_trust",
    "recorded/test_analyses",
    "recorded/test_canary",
    "recorded/test_probes",
    "core/test_cli",
    "core/test_in_time",
    "core/test_schema",
    "formats/test_html",
}
"""What takes longest. Any other module is one worker's, so that what is made for all of its tests is made once."""
ALONE = {
    "core/test_host_local",
    "core/test_host_sockets",
    "core/test_host_tcp",
    "desktop/test_probe_user_desktop_vms",
    "sockets/test_analysis_socket_access_kernel",
}
"""They start processes by user ids of their own and look for them among all of the machine, so that no two of these run at a time."""


LAWS = re.compile(r"test_(denying|delaying|cutting|hiding|half_a_line|losing_a_probe)")
"""Tests that ask for the same once more for each answer or fact that is hidden: they are run with the laws."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return one worker more than there are processors: for a fifth of its time a worker waits for what hangs."""
    return len(os.sched_getaffinity(0)) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give a module to one worker of pytest-xdist, and the tests of the longest modules to whoever is free."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            module = nodeid.partition("::")[0].removeprefix("tests/").removesuffix(".py")
            return nodeid if module in DEALT_OUT else "alone" if module in ALONE else module

    return Scheduling(config, log)


def tree_of(package: str) -> Path | None:
    """Return the folder that `package` is imported from: site-packages, or the top of a checkout; None where it is not installed."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).resolve().parent
    place = Path(PLACES[package])
    return folder.parents[len(place.parts) - 1] if folder.parts[-len(place.parts) :] == place.parts else folder.parent


def pytest_configure() -> None:
    """Stop where the packages under test do not come from one tree."""
    trees = {package: tree_of(package) for package in PLACES}
    if len({tree for tree in trees.values() if tree is not None}) > 1:
        found = ", ".join(f"{package} from {tree}" for package, tree in trees.items())
        raise pytest.UsageError(f"the packages under test come from different trees ({found}): run `pytest`, not `python -m pytest`, or `pip install -e .`")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what hides one thing after the other; leave out, and count, what only root can set up: other users' processes, files and sockets."""
    for item in items:
        if LAWS.match(getattr(item, "originalname", item.name)) and "recorded" not in item.path.parts:
            item.add_marker(pytest.mark.laws)
    if os.geteuid() != 0:
        left_out = [item for item in items if item.get_closest_marker("root")]
        items[:] = [item for item in items if not item.get_closest_marker("root")]
        config.hook.pytest_deselected(items=left_out)


def pytest_collection_finish() -> None:
    """Take what was collected out of what is looked at for garbage: else each child that a test forks copies all of it."""
    gc.collect()
    gc.freeze()
