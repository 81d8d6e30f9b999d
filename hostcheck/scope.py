"""What a report is about and what it is not: no verdict stands without it.

A host can be compliant and still let somebody become root on a way that no rule looks at, so a benchmark names these ways.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from hostcheck.benchmark import Benchmark, selection
from hostcheck.model import SEVERITIES, Verdict

NAMED: Final = 3
"""How many rules that were asked for by name are named beside a verdict."""
UNSAID: Final = ("the benchmark does not say what it leaves out",)
"""Stands where no benchmark of a report names what it does not examine, and for a report of a version that had no scope."""


def scope_of(benchmarks: Sequence[Benchmark], profile: str, rules: Sequence[str] = (), skipped: Sequence[str] = ()) -> dict[str, list[str]]:
    """Return what the rules of `profile` but those `skipped`, or those in `rules`, are about, and what nothing looks at, in the order of benchmarks."""
    examined: list[str] = []
    left_out: list[str] = []
    for benchmark in benchmarks:
        selected = selection(benchmark, profile)[0] if profile in benchmark.profiles else frozenset[str]()
        judged = set(rules) or selected - set(skipped)
        titles = {benchmark.sections[name]: False for name in sorted(benchmark.rules)}
        titles |= {benchmark.sections[name]: True for name in benchmark.rules.keys() & judged}
        examined += [title for title, is_judged in titles.items() if is_judged]
        left_out += [f"{name}, left out by --skip-rule" for name in skipped if name in selected]
        left_out += [*benchmark.not_examined, *(title for title, is_judged in titles.items() if not is_judged and not rules)]
    return {"examined": list(dict.fromkeys(examined)), "not_examined": list(dict.fromkeys(left_out))}


def not_examined(report: Mapping[str, Any]) -> list[str]:
    """Return what nothing in `report` is about; never empty, as nobody looks at everything."""
    found: list[str] = [*report["inputs"].get("scope", {}).get("not_examined", ()), *report.get("not_examined", ())]
    return found or list(UNSAID)


def below(report: Mapping[str, Any]) -> int:
    """Return how many failures a compliant host has, all of them less severe than what counts."""
    counting = SEVERITIES.index(report["inputs"]["fail_on"])
    if report["verdict"] != Verdict.COMPLIANT or not counting:
        return 0
    waived = len([finding for finding in report["findings"] if finding["result"] == "fail" and finding["waiver"] is not None])
    failed: int = report["counts"]["fail"]
    return failed - waived


def headline(report: Mapping[str, Any]) -> str:
    """Return the verdict as people are told it, in lower case: never compliant alone, but with what, at which severity, and what failed below it."""
    if report["verdict"] != Verdict.COMPLIANT:
        return str(report["verdict"])
    inputs, failed = report["inputs"], below(report)
    counting = "" if inputs["fail_on"] == SEVERITIES[0] else f" at {inputs['fail_on']}"
    terms = _terms(inputs)
    return f"compliant{counting}; {failed} {'failure' if failed == 1 else 'failures'} below it ({terms})" if failed else f"compliant{counting} {terms}"


def _terms(inputs: Mapping[str, Any]) -> str:
    rules = inputs.get("rules", [])
    if not rules:
        without = f" without {_rules(inputs['skipped'])}" if inputs.get("skipped") else ""
        return f"with {inputs['profile']}{without} in what was examined"
    return f"with {_rules(rules)} alone"


def _rules(names: Sequence[str]) -> str:
    return " and ".join(names) if len(names) <= NAMED else f"{len(names)} rules"
