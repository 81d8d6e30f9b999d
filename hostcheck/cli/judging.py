"""What `scan` and `evaluate` have in common: the terms of a judgement, and the judgement itself."""

import re
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from typing import Any, Final

from hostcheck import __version__
from hostcheck.cli import color, output
from hostcheck.cli.config import apply
from hostcheck.cli.plugins import config_option, hint
from hostcheck.model import ROLES, SEVERITIES, Hole, HostcheckError
from hostcheck.registry import IGNORED, Registry, closure
from hostcheck.spelling import chosen, near

DEFAULTS: Final[Mapping[str, Any]] = {"benchmark": (), "profile": "level1", "role": "", "fail_on": "low"}
SYSTEM: Final = "role"
"""The section of the report that says of every report what kind of host was read: its analysis is asked whatever the rules are."""


def arguments(parser: ArgumentParser) -> None:
    """Add the options that say by which terms to judge."""
    parser.add_argument("--profile", metavar="NAME", help="the profile whose rules are judged (default: level1; see `hostcheck list profiles`)")
    text = "judge only this rule, even if the profile does not select it; 'HC-ACC-*' selects all rules of that name (repeatable)"
    parser.add_argument("--rule", action="append", metavar="ID", help=text)
    parser.add_argument("--skip-rule", action="append", metavar="ID", help="do not judge this rule, or these; the report names them (repeatable)")
    parser.add_argument("--role", metavar="ROLE", help=f"what this host is used for, if detection gets it wrong: {', '.join(ROLES)}")
    text = "set a value, such as approved_users=alice,bob (repeatable; see `hostcheck list values`)"
    parser.add_argument("--value", action="append", metavar="NAME=VALUE", help=text)
    parser.add_argument("--fail-on", metavar="SEVERITY", help=f"the lowest severity that makes the host noncompliant: {', '.join(SEVERITIES)} (default: low)")
    parser.add_argument("--benchmark", action="append", metavar="PATH", help="judge by this benchmark instead of the installed ones (repeatable)")
    text = "write the report in this format, to PATH or to standard output (repeatable; see `hostcheck list formats`)"
    parser.add_argument("--format", action="append", metavar="NAME[=PATH]", help=text)
    parser.add_argument("-q", "--quiet", action="store_true", help="print one line for each failure, and how many findings are undetermined")
    color.option(parser)
    config_option(parser)


def settle(args: Namespace, registry: Registry, more: Mapping[str, Any]) -> None:
    """Complete `args` by the configuration and the defaults, and refuse what names nothing, before any work is done; raises HostcheckError."""
    apply(args, {**DEFAULTS, **more})
    args.role = args.role and chosen(args.role, ROLES, "a role; the roles")
    args.fail_on = chosen(args.fail_on, SEVERITIES, "a severity; the severities")
    for choice in args.format:
        require_format(registry, output.split(choice)[0])


def require_format(registry: Registry, name: str) -> None:
    """Raise HostcheckError where no plugin has a format of that name."""
    if name not in registry.formats:
        known = sorted(registry.formats)
        raise HostcheckError(f"no format is called {name!r}{near(name, known) or ';'} the formats are {', '.join(known)}{hint(registry)}")


def load_benchmarks(args: Namespace, registry: Registry) -> list[Any]:
    """Return the benchmarks to judge by: those that are named, else the built-in one and those of plugins. Raises HostcheckError."""
    from hostcheck.benchmark import load, selection

    if args.benchmark:
        benchmarks = named_benchmarks(args.benchmark, registry)
    else:
        benchmarks = [load(path, shipped=True) for path in registry.benchmarks]
    for benchmark in benchmarks:
        selection(benchmark, args.profile)
        if sum(other.id == benchmark.id for other in benchmarks) > 1:
            raise HostcheckError(f"two benchmarks are called {benchmark.id!r}; a report could not tell them apart")
    if not args.benchmark and registry.plugins:
        from hostcheck.cli.plugin_benchmarks import judged_by

        benchmarks += judged_by(registry, benchmarks)
    if args.value:
        from hostcheck.report import settle_values

        settle_values(benchmarks, args.value)
    for option in ("rule", "skip_rule"):
        setattr(args, option, _rules(getattr(args, option, None) or (), benchmarks, registry))
    if args.rule and not (rules := sorted(set(args.rule) - set(args.skip_rule))):
        raise HostcheckError("--skip-rule leaves none of the rules that --rule names")
    args.rule = rules if args.rule else []
    rules = named(args)
    return [benchmark for benchmark in benchmarks if benchmark.rules.keys() & set(rules)] if rules else benchmarks


def named(args: Namespace) -> list[str]:
    """Return the rules that are asked for by name."""
    return sorted(set(getattr(args, "rule", None) or ()))


def _rules(names: Sequence[str], benchmarks: Sequence[Any], registry: Registry) -> list[str]:
    return sorted({rule for name in names for rule in require_rules(name, benchmarks, registry)})


def require_rules(name: str, benchmarks: Sequence[Any], registry: Registry) -> list[str]:
    """Return the rules that `name` selects; ``*`` in it matches any text. Case does not matter, and a leading 0 may be left out.

    Raises HostcheckError with similar names if no rule matches.
    """
    known = {rule.upper(): rule for benchmark in benchmarks for rule in benchmark.rules}
    asked = name.upper()
    if "*" in asked:
        pattern = re.escape(asked).replace(r"\*", ".*")
        found = sorted(rule for upper, rule in known.items() if re.fullmatch(pattern, upper))
    else:
        found = [known[one] for one in (asked, re.sub(r"(?<=-)(?=\d$)", "0", asked)) if one in known][:1]
    if not found:
        from difflib import get_close_matches

        meant = " or ".join(sorted(get_close_matches(asked, known, n=3)))
        raise HostcheckError(f"no rule is called {name!r}; {f'did you mean {meant}?' if meant else 'see `hostcheck list rules`'}{hint(registry)}")
    return found


def wanted(benchmarks: Sequence[Any], args: Namespace, registry: Registry) -> frozenset[str] | None:
    """Return the probes and analyses that the rules asked for by name read, and what these read in turn; None where rules were not named."""
    if not named(args):
        return None
    from hostcheck.benchmark import conditions, named_at_top, resolve
    from hostcheck.report import settle_values

    values = settle_values(benchmarks, args.value)
    rules = [resolve(benchmark, name, values) for benchmark in benchmarks for name in named(args) if name in benchmark.rules]
    always = [analysis.id for analysis in registry.analyses.values() if SYSTEM in analysis.fills]
    asked = {name for benchmark in benchmarks for condition, _ in conditions(benchmark, values) for name in named_at_top(condition.schema)}
    return closure([*always, *asked, *(name for rule in rules for name in rule.reads)], registry.analyses)


def named_benchmarks(paths: Sequence[str], registry: Registry) -> list[Any]:
    """Return the benchmarks at `paths`, each validated and linted; raises HostcheckError."""
    from hostcheck.lint import load_foreign

    return [load_foreign(path, registry) for path in paths]


def installed_benchmarks(registry: Registry) -> list[Any]:
    """Return the built-in benchmarks and those of plugins."""
    from hostcheck.benchmark import load

    ours = [load(path, shipped=True) for path in registry.benchmarks]
    if not registry.plugins:
        return ours
    from hostcheck.cli.plugin_benchmarks import judged_by

    return ours + judged_by(registry, ours)


def judge(
    evidence: dict[str, Any],
    benchmarks: list[Any],
    args: Namespace,
    registry: Registry,
    failed: Hole | None = None,
    pace: Any = None,
    *,
    content: bytes = b"",
    as_of: str = "",
    reference: Any = None,
) -> dict[str, Any]:
    """Return the report on `evidence`, judged by the `reference` as well where there is one; raises HostcheckError.

    `content` is how the evidence is written, where somebody knows that already. Where judging has `failed`, the report says of every rule that it was not
    judged, and why. What a `pace` has no time for is not judged either.
    """
    from hostcheck.derive import begin
    from hostcheck.documents import digest, written
    from hostcheck.evaluate import Facts, by_predicate
    from hostcheck.facts_schema import facts_schema_digest
    from hostcheck.pace import FREE
    from hostcheck.report import build

    pace = pace or FREE
    only = wanted(benchmarks, args, registry)
    asked = {name: analysis for name, analysis in registry.analyses.items() if only is None or name in only}
    stated = evidence if only is None else {**evidence, "probes": {name: found for name, found in evidence["probes"].items() if name in only}}
    facts = Facts(document={}) if failed else begin(stated, registry.probes, asked, _given(args, benchmarks), pace)
    if reference:
        facts.need(facts.turns)
        reference.check_facts(facts)
    analyses = {name: facts_schema_digest(analysis.facts_schema) for name, analysis in sorted(registry.analyses.items())}
    tool = {"name": "hostcheck", "version": __version__}
    refused = [one for one in registry.refused if one["status"] != IGNORED and one not in evidence["refused"]]
    sections = {section: (name, pointer) for name, analysis in asked.items() for section, pointer in analysis.fills.items() if not failed}
    used: dict[str, Any] = {"tool": tool, "analyses": analyses, "sections": sections, "refused": refused, "judge_check": reference or by_predicate}
    used |= {"failed": failed, "pace": pace}
    return build(evidence, digest(content or written(evidence)), benchmarks, facts, terms(args, as_of), **used)


def _given(args: Namespace, benchmarks: Sequence[Any]) -> dict[str, Any]:
    """Return the values that analyses get: those of the profile and those that were set, and the role where one was."""
    from hostcheck.benchmark import selection
    from hostcheck.report import settle_values

    of_profiles = [selection(benchmark, args.profile)[1] for benchmark in reversed(benchmarks) if args.profile in benchmark.profiles]
    given = {name: value for values in of_profiles for name, value in values.items()} | settle_values(benchmarks, args.value)
    return {**given, "role": args.role} if args.role else given


def terms(args: Namespace, as_of: str = "") -> Any:
    """Return the terms that the command line sets."""
    from hostcheck.report import Terms

    skipped = () if named(args) else tuple(getattr(args, "skip_rule", None) or ())
    return Terms(profile=args.profile, role=args.role, settings=tuple(args.value), fail_on=args.fail_on, as_of=as_of, rules=tuple(named(args)), skipped=skipped)


def read_report(path: str) -> dict[str, Any]:
    """Return the report at `path`, one of an older version as this one writes it; raises DocumentError."""
    from hostcheck.documents import read

    return current(read(path, "report")[0])


def current(report: dict[str, Any]) -> dict[str, Any]:
    """Return a report as this version writes it."""
    from hostcheck.report import SCHEMA, from_1

    return report if report["schema"] == SCHEMA else from_1(report)
