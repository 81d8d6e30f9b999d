"""Plugins are found by their metadata, kept apart, and never imported before it is known whose they are."""

import inspect
import re
import sys
import tempfile
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hostcheck import hookspecs, registry
from hostcheck.api import Analysis, Format, Probe, hookimpl
from hostcheck.model import HostcheckError

Gathered = Callable[..., registry.Registry]


def distribution(folder: Path, name: str, entry_points: str, version: str = "1.0") -> None:
    place = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    place.mkdir(parents=True)
    (place / "entry_points.txt").write_text(entry_points)


def test_the_built_ins_come_through_entry_points() -> None:
    found = registry.load()
    assert {"host", "kernel", "nss", "principals", "sockets", "user-sockets"} <= found.probes.keys()
    assert {"host-role", "socket-access"} <= found.analyses.keys()
    assert {"json", "text"} <= found.formats.keys()
    assert [path for path in found.benchmarks if path.endswith("benchmark/container-host.json")]


def test_without_our_own_metadata_nothing_is_registered(tmp_path: Path) -> None:
    with pytest.raises(HostcheckError, match="pip install"):
        registry.load(path=[str(tmp_path)])


def test_others_are_listed_and_never_imported(tmp_path: Path) -> None:
    distribution(tmp_path, "acme-probes", "[console_scripts]\nx = y\n[hostcheck]\nacme = acme_evil\n")
    (tmp_path / "acme_evil.py").write_text("raise SystemExit('imported')")
    distribution(tmp_path, "unrelated", "[console_scripts]\nx = y\n")
    found = registry.load(path=[str(tmp_path), *sys.path])
    assert [refusal["distribution"] for refusal in found.refused] == ["acme-probes"]
    assert "acme_evil" not in sys.modules


def test_our_name_does_not_open_the_door_to_other_modules(tmp_path: Path) -> None:
    distribution(tmp_path, "hostcheck-scanner", "[hostcheck]\nevil = acme_evil\nhost = hostcheck_builtin.host\ngone = hostcheck_builtin.gone\n")
    found = registry.load(path=[str(tmp_path)])
    assert "host" in found.probes
    reasons = {refusal["entry_point"]: str(refusal["reason"]) for refusal in found.refused}
    assert "not one of its modules" in reasons["evil"] and "cannot be imported" in reasons["gone"]


@pytest.mark.parametrize("text", ["", "[hostcheck\n", "[hostcheck]\nnonsense\n= x\n", "\0" * 100, "[hostcheck]\n" + "a=b\n" * 10])
def test_hostile_metadata_is_survived(tmp_path: Path, text: str) -> None:
    distribution(tmp_path, "acme", text)
    (tmp_path / "broken-1.dist-info").write_text("a file, not a folder")
    registry.load(path=[str(tmp_path), str(tmp_path / "none"), *sys.path])


@pytest.fixture
def gathered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., registry.Registry]:
    """Return what is registered where our own distribution has these plugins."""

    def load(**plugins: Any) -> registry.Registry:
        folder = Path(tempfile.mkdtemp(dir=tmp_path))
        distribution(folder, "hostcheck-scanner", "[hostcheck]\n" + "".join(f"{name} = hostcheck_builtin.test_{name}\n" for name in plugins))
        for name, members in plugins.items():
            monkeypatch.setitem(sys.modules, f"hostcheck_builtin.test_{name}", types.SimpleNamespace(**members))
        return registry.load(path=[str(folder)])

    return load


def probe(name: str) -> Probe:
    return Probe(id=name, title=name, facts_schema="", collect=lambda host: {})


def hook(name: str, function: Any, **options: Any) -> dict[str, Any]:
    function.__name__ = name
    return {name: hookimpl(**options)(function)}


def test_one_that_raises_or_lies_costs_only_what_it_would_have_added(gathered: Gathered) -> None:
    found = gathered(
        bad=hook("hostcheck_probes", lambda: 1 / 0),
        good=hook("hostcheck_probes", lambda: [probe("x")]),
        liar=hook("hostcheck_probes", lambda: ["text"]),
        none=hook("hostcheck_probes", lambda: None),
    )
    assert list(found.probes) == ["x"]
    told = {str(refusal["entry_point"]): str(refusal["reason"]) for refusal in found.refused}
    assert "ZeroDivisionError" in told["bad"] and "returned str, not Probe" in told["liar"] and "TypeError" in told["none"]


def test_nobody_takes_anothers_name(gathered: Gathered) -> None:
    found = gathered(a=hook("hostcheck_probes", lambda: [probe("x")]), b=hook("hostcheck_probes", lambda: [probe("x"), probe("y")]))
    assert sorted(found.probes) == ["x", "y"]
    assert [refusal["reason"] for refusal in found.refused] == ["'x' is contributed twice"]
    both = {
        **hook("hostcheck_probes", lambda: [probe("x")]),
        **hook("hostcheck_analyses", lambda: [Analysis(id="x", title="", reads=(), facts_schema="", derive=lambda facts, values: {})]),
    }
    assert gathered(a=both).analyses == {}


def test_a_wrapper_is_refused(gathered: Gathered) -> None:
    def hostcheck_probes() -> Any:
        yield
        return []

    found = gathered(evil=hook("hostcheck_probes", hostcheck_probes, wrapper=True), good=hook("hostcheck_probes", lambda: [probe("x")]))
    assert list(found.probes) == ["x"]
    assert "wrapper" in str(found.refused[0]["reason"])


HOOKS = ["hostcheck_analyses", "hostcheck_benchmarks", "hostcheck_formats", "hostcheck_probes"]


def test_every_hook_is_documented_by_a_plugin_that_works() -> None:
    assert sorted(name for name in vars(hookspecs) if name.startswith("hostcheck_")) == HOOKS


@pytest.mark.parametrize("name", HOOKS)
def test_the_plugin_in_a_docstring_works(gathered: Gathered, tmp_path: Path, name: str) -> None:
    code = re.search(r"```python\n(.*?)```", inspect.getdoc(getattr(hookspecs, name)) or "", re.DOTALL)
    assert code is not None
    members: dict[str, Any] = {"__file__": str(tmp_path / "plugin.py"), "__name__": "plugin"}
    exec(code.group(1), members)
    found = gathered(example={name: members[name]})
    assert found.refused == []
    contributed = [*found.probes.values(), *found.analyses.values(), *found.formats.values(), *found.benchmarks]
    assert len(contributed) == 1
    assert isinstance(contributed[0], Probe | Analysis | Format | str)


def test_what_ran_is_described_by_its_digest() -> None:
    found = registry.load()
    described = registry.describe(found)
    assert described == registry.describe(found)
    assert [plugin["distribution"] for plugin in described] == ["hostcheck-scanner"]
    assert re.fullmatch("[0-9a-f]{64}", str(described[0]["sha256"]))
