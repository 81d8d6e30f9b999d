"""Make the document that is shipped of a benchmark that is written in YAML, after its rules were held against their examples.

The folder has `benchmark.yaml` (title, sections, profiles, values, roles), a file for each rule, and the base hosts that examples patch in `hosts/`.
"""

import json
import os
from collections.abc import Iterator, Mapping
from glob import glob
from typing import Any, Final

from hostcheck.authoring.examples import documents, merged, no_host
from hostcheck.authoring.form import QUOTES, Written, require_head, require_rule, shown
from hostcheck.authoring.pointer_keys import expand
from hostcheck.authoring.shared_fixes import spread
from hostcheck.authoring.strict_yaml import read_yaml
from hostcheck.benchmark import Benchmark, Rule, resolve
from hostcheck.derive import conflict
from hostcheck.documents import DocumentError, compact, recognise, require_writable
from hostcheck.evaluate import Facts, judge_rule
from hostcheck.lint import example_problems, problems
from hostcheck.model import HostcheckError, Json

SCHEMA: Final = "hostcheck.benchmark/2"
EXAMPLES: Final = "hostcheck.examples/1"
KEPT: Final = ("id", "title", "version", "sections", "not_examined", "values", "about_values")
"""What of the head stands in the compiled document as it is written."""
WANTED: Final = ("pass", "fail", "error")


class Source:
    """A benchmark as it is written: its head, its rules by id with the file of each, and the base hosts."""

    def __init__(self, folder: str) -> None:
        """Read everything below `folder`; raises DocumentError."""
        self.folder, self.path = folder, os.path.join(folder, "benchmark.yaml")
        self.head = require_head(read_yaml(self.path), self.path)
        self.rules: dict[str, Written] = {}
        self.files: dict[str, str] = {}
        for path in self._paths(folder):
            rule = require_rule(read_yaml(path), path)
            name = rule.get("id")
            if not isinstance(name, str) or f"{name}.yaml" != os.path.basename(path):
                raise DocumentError(f"{path}: its `id` is {name!r}; the file must be named after the id")
            if name in self.rules:
                raise DocumentError(f"{path}: rule {name}: is in {self.files[name]} too; each rule needs an id of its own")
            self.rules[name], self.files[name] = rule, path
        paths = sorted(glob(os.path.join(folder, "hosts", "*.yaml")))
        self.written_hosts = {os.path.basename(path).removesuffix(".yaml"): read_yaml(path) for path in paths}
        self.hosts = {name: _host(name, self.written_hosts, os.path.join(folder, "hosts"), ()) for name in self.written_hosts}

    def values_of(self, name: str) -> dict[str, Json]:
        """Return the values with which the examples of a rule are judged, beside the defaults."""
        found = self.rules[name].get("examples", {})
        values = found.get("values", {}) if isinstance(found, dict) else {}
        return values if isinstance(values, dict) else {}

    def _paths(self, folder: str) -> Iterator[str]:
        for pattern in self.head.get("rules", ["rules/*.yaml"]):
            found = sorted(glob(os.path.join(folder, pattern)))
            if other := glob(os.path.join(folder, pattern.removesuffix(".yaml") + ".yml")):
                raise DocumentError(f"{min(other)}: is not read; the name of a rule's file must end with .yaml")
            if not found:
                raise DocumentError(f"{self.path}: there is no rule at {pattern}")
            yield from (os.path.normpath(path) for path in found)


def _host(name: str, found: Mapping[str, Json], folder: str, patches: tuple[str, ...]) -> Json:
    """Return a base host; one that says `like` is a patch of another."""
    if name not in found:
        raise DocumentError(f"{folder}/{patches[-1]}.yaml: is like {name!r}, but {no_host(name, found)}")
    if not isinstance(found[name], dict):
        raise DocumentError(f"{folder}/{name}.yaml: is {shown(found[name])}, but must be a mapping: the facts of each probe and analysis, by its id")
    if "like" not in found[name]:
        return found[name]
    if name in patches:
        raise DocumentError(f"{folder}/{name}.yaml: is like itself, through {', '.join(patches)}")
    base = _host(str(found[name]["like"]), found, folder, (*patches, name))
    return merged(base, {key: value for key, value in found[name].items() if key != "like"})


def compiled(source: Source) -> dict[str, Any]:
    """Return the document of `source`, valid by the published schema; raises DocumentError or HostcheckError naming file and place."""
    profiles = {name: {**profile, "rules": [*profile.get("rules", ())]} for name, profile in source.head.get("profiles", {}).items()}
    rules: dict[str, Written] = {}
    for name, written in sorted(source.rules.items()):
        try:
            rules[name] = _rule(source, written)
        except HostcheckError as error:
            raise DocumentError(f"{source.files[name]}: {error}") from None
        for profile in written.get("profiles", ()):
            if profile not in profiles:
                raise DocumentError(f"{source.files[name]}: no profile is called {profile!r}; the profiles are {', '.join(sorted(profiles))}")
            profiles[profile]["rules"].append(name)
    head: dict[str, Any] = {key: source.head[key] for key in KEPT if key in source.head}
    if "notchecked" in source.head:
        head["notchecked"] = [{**case, "when": expand(case["when"])} for case in source.head["notchecked"]]
    return _recognised({"schema": SCHEMA, **head, "profiles": profiles, "rules": rules}, source)


def _recognised(document: dict[str, Any], source: Source) -> dict[str, Any]:
    """Return `document` if it is valid; raises DocumentError, which names the file of a rule and not a place in what nobody has written."""
    require_writable(document, source.path)
    try:
        return recognise(document, "benchmark", source.path)
    except DocumentError as error:
        place, _, problem = str(error).removeprefix(f"{source.path}: ").partition(": ")
        name = place.removeprefix("/rules/").partition("/")[0]
        hint = QUOTES if problem.endswith("is not of type 'string'") else ""
        if not place.startswith("/rules/") or name not in source.files:
            raise DocumentError(f"{source.path}: {place}: {problem}{hint}") from None
        raise DocumentError(f"{source.files[name]}: {place.removeprefix(f'/rules/{name}') or 'the rule'}: {problem}{hint}") from None


def _rule(source: Source, written: Written) -> Written:
    section = written["id"].rpartition("-")[0]
    if section not in source.head.get("sections", {}):
        raise DocumentError(f"an id is a section, a dash and a number, but {section!r} is not among the `sections` of {source.path}")
    found = {key: value for key, value in written.items() if key not in ("id", "profiles", "roles", "examples", "notapplicable")}
    for key in ("where", "expect", "unscored"):
        if key in found:
            found[key] = expand(found[key])
    if "fix" in found:
        found["fix"] = spread(found["fix"], source.head.get("fixes", {}))
    for key in ("severity", "because", "seen", "fix"):
        if isinstance(cases := found.get(key), list):
            found[key] = [{**case, "when": expand(case["when"])} if isinstance(case, dict) and "when" in case else case for case in cases]
    if "lists" in found:
        found["lists"] = {name: {**one, "where": expand(one["where"])} if "where" in one else one for name, one in found["lists"].items()}
    exempt = _role(source, written["roles"]) if "roles" in written else []
    exempt += [{**case, "when": expand(case["when"])} if "when" in case else case for case in written.get("notapplicable", ())]
    return {**found, "section": section, **({"notapplicable": exempt} if exempt else {})}


def _role(source: Source, name: str) -> list[Written]:
    """Return the condition of a role with its reason; where there are reasons with conditions of their own, one entry for each."""
    roles = source.head.get("roles", {})
    if name not in roles:
        raise DocumentError(f"`roles` is {name!r}, but must be one of {', '.join(sorted(roles))}")
    when, reasons = expand(roles[name]["when"]), roles[name]["is"]
    *cases, last = reasons if isinstance(reasons, list) else [reasons]
    return [*({"when": {"allOf": [when, expand(case["when"])]}, "is": case["is"]} for case in cases), {"when": when, "is": last}]


def written_out(document: Mapping[str, Any]) -> bytes:
    """Return a document as it is shipped: a line for each rule, so that a change of one rule is a change of one line."""
    head = compact({key: value for key, value in document.items() if key != "rules"}).decode()
    rules = ",\n".join(f"{json.dumps(name)}:{compact(rule).decode()}" for name, rule in sorted(document["rules"].items()))
    return f'{head[:-1]},"rules":{{\n{rules}\n}}}}\n'.encode()


def check(source: Source, document: Mapping[str, Any], schemas: Mapping[str, Json]) -> list[str]:
    """Return what is wrong with a benchmark, each as one line that names file and remedy: what lint finds, and examples that do not hold."""
    benchmark = _benchmark(source, document)
    found = [*_strays(source, schemas), *_unselected(source, document), *problems(benchmark, schemas)]
    if found:  # an example cannot be judged by a rule that cannot be resolved
        return found
    for name, path in sorted(source.files.items()):
        rule = resolve(benchmark, name, source.values_of(name))
        if not rule.manual:
            found += [f"{path}: {problem}" for problem in check_examples(source, rule, schemas)]
    return found


def _strays(source: Source, schemas: Mapping[str, Json]) -> Iterator[str]:
    """Yield what a base host states and nobody could: the examples of no rule would show it."""
    for name, fact in sorted((name, fact) for name, facts in source.written_hosts.items() for fact in facts.keys() - {"like"} - schemas.keys()):
        yield f"{source.folder}/hosts/{name}.yaml: {fact!r} is not a probe or analysis; see `hostcheck list probes` and `hostcheck list analyses`"


def _unselected(source: Source, document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the rules that no profile has: they would never be judged."""
    selected = {name for profile in document["profiles"].values() for name in profile["rules"]}
    yield from (
        f"{path}: no profile selects this rule; name one in `profiles`: {', '.join(sorted(document['profiles']))}"
        for name, path in sorted(source.files.items())
        if name not in selected
    )


def check_examples(source: Source, rule: Rule, schemas: Mapping[str, Json]) -> Iterator[str]:
    """Yield what is wrong with the examples of one rule: one is missing, cannot be applied, states what no host could, or gives another result."""
    written = source.rules[rule.id].get("examples", {})
    yield from (f"it has no example that must {wanted}; a rule that was never seen to {wanted} is not tested" for wanted in WANTED if wanted not in written)
    try:
        for result, number, document in documents(written, source.hosts, rule.id):
            read = {name: facts for name, facts in document.items() if name in rule.reads} if isinstance(document, dict) else {}
            yield from (f"{result} example {number}: {problem}" for problem in example_problems(rule, result, read, schemas, conflict))
            if result == "fail" and any(
                finding["result"] == "fail" and "fix" not in finding for finding in judge_rule(rule, Facts(document=read), prove=False)
            ):
                yield f"fail example {number}: no step of `fix` is left, because no `when` is true; add a note without a condition"
    except HostcheckError as error:
        yield str(error)


def _benchmark(source: Source, document: Mapping[str, Any]) -> Benchmark:
    return Benchmark(
        id=document["id"],
        title=document["title"],
        version=document["version"],
        path=source.path,
        sha256="",
        values=document.get("values", {}),
        about_values=document.get("about_values", {}),
        profiles=document["profiles"],
        rules=document["rules"],
        sources=source.files,
        not_examined=tuple(document.get("not_examined", ())),
        notchecked=tuple(document.get("notchecked", ())),
        sections={name: document["sections"][rule["section"]] for name, rule in document["rules"].items()},
    )


def shown_examples(source: Source, document: Mapping[str, Any], schemas: Mapping[str, Json]) -> dict[str, Any]:
    """Return for each rule one example that passes and one that fails: the facts that decide, and what the finding says."""
    benchmark = _benchmark(source, document)
    rules = {name: _shown(source, resolve(benchmark, name, source.values_of(name)), schemas) for name in sorted(source.rules)}
    return {"schema": EXAMPLES, "rules": rules}


def _shown(source: Source, rule: Rule, schemas: Mapping[str, Json]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for result, number, facts in documents(source.rules[rule.id].get("examples", {}), source.hosts, rule.id):
        if result in ("pass", "fail") and number == 1:
            finding = judge_rule(rule, Facts(document=dict(facts), schemas=schemas))[0]
            items = [{"at": item["probe"] + item["pointer"], "value": item["value"]} for item in finding["evidence"]]
            found[result] = {"subject": finding["subject"], "facts": items, "because": finding["because"], "fix": finding.get("fix", [])}
    return found
