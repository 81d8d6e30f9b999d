"""What holds for every rule that comes with hostcheck: the contract that the public test kit has for everybody's, and words of our own."""

import json
import re
from pathlib import Path

from contract.benchmark_source import SOURCE

from hostcheck import registry
from hostcheck.authoring.compile import EXAMPLES, SCHEMA, shown_examples, written_out
from hostcheck.authoring.examples import documents
from hostcheck.evaluate import Facts, judge_rule
from hostcheck.model import Hole, Why, step_text
from hostcheck.testing import BenchmarkContract

REGISTRY = registry.load()
ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "plugins/hostcheck_builtin"
DENIED = Hole(why=Why.DENIED, message="no")


# By hand: where each named condition excludes a host.
DESKTOPS = {"desktop-vm-host", "desktop-vm-guest"}
ROLES = {
    "owns-kernel": DESKTOPS,
    "owns-engine": DESKTOPS,
    "engine-outside-a-machine": {"desktop-vm-host"},
    "standalone": {"cluster-node"} | DESKTOPS,
    "people-work-here": {"server", "cluster-node"} | DESKTOPS,
    "serves": {"workstation", "ci-runner"} | DESKTOPS,
    "serves-others": {"workstation"} | DESKTOPS,
    "runs-jobs-of-others": {"workstation", "server", "cluster-node"} | DESKTOPS,
    "maps-ids-here": {"cluster-node", "desktop-vm-host"},
    "remaps-for-a-service": {"workstation", "cluster-node"} | DESKTOPS,
    "runs-pods": {"workstation", "server", "ci-runner"} | DESKTOPS,
    "is-a-server": {"workstation", "ci-runner", "cluster-node"} | DESKTOPS,
    "runs-containers-itself": {"cluster-node"} | DESKTOPS,
    "outside-a-guest": {"desktop-vm-guest"},
    "desktop-host": {"workstation", "server", "ci-runner", "cluster-node", "desktop-vm-guest"},
}


class Shipped(BenchmarkContract):
    __test__ = False

    source = str(FOLDER / "benchmark")

    def test_the_examples_that_are_shown_are_current(self) -> None:
        document = json.loads(Path(self.path).read_text(encoding="utf-8"))
        shown = Path(self.path.removesuffix(".json") + ".examples.json").read_bytes()
        assert document["schema"] == SCHEMA and json.loads(shown)["schema"] == EXAMPLES
        assert shown == written_out(shown_examples(SOURCE, document, self.schemas()))

    def test_a_rule_stands_in_a_domain_that_it_reads(self, rule: str) -> None:
        domain = Path(SOURCE.files[rule]).parents[1].name
        states = {name for name, place in {**REGISTRY.probes, **REGISTRY.analyses}.items() if Path(place.facts_schema).parent.name == domain}
        assert self.resolve(rule).manual or states & self.resolve(rule).reads

    def test_on_a_host_of_which_nothing_is_known_there_is_one_error_or_a_person_to_ask(self, rule: str) -> None:
        found = self.resolve(rule)
        findings = judge_rule(found, Facts(document=dict.fromkeys(self.schemas(), DENIED)))
        if found.manual:
            assert [(finding["result"], finding["subject"], finding["manual"]) for finding in findings] == [("notchecked", "", True)]
            return
        assert [(finding["result"], finding["subject"]) for finding in findings] == [("error", "*" if found.each or found.exemptions else "")]

    def test_a_failure_names_its_subject(self, rule: str) -> None:
        found = self.resolve(rule)
        for result, _, example in documents(SOURCE.rules[rule].get("examples", {}), SOURCE.hosts, rule):
            for finding in judge_rule(found, Facts(document=example)) if result == "fail" else ():
                assert "{" not in finding["because"] and finding["fix"]
                assert not found.each or finding["subject"] in finding["because"]

    def test_no_two_files_say_the_same_of_a_role(self) -> None:
        """A named condition is tested once, below; a rule that repeated it in its own words would not be."""
        roles = {json.dumps(role["when"], sort_keys=True) for role in SOURCE.head["roles"].values()}
        own = [case for rule in SOURCE.rules.values() for case in rule.get("notapplicable", ()) if json.dumps(case.get("when"), sort_keys=True) in roles]
        assert own == []

    def test_a_rule_does_not_apply_in_the_roles_that_its_condition_names(self, rule: str) -> None:
        found, name = self.resolve(rule), SOURCE.rules[rule].get("roles")
        host_role = json.loads(Path(REGISTRY.analyses["host-role"].facts_schema).read_text(encoding="utf-8"))
        for role in host_role["properties"]["role"]["enum"]:
            document = {one: {"role": role} if one == "host-role" else DENIED for one in found.reads}
            results = {finding["result"] for finding in judge_rule(found, Facts(document=document))}
            excluded = role in ROLES[name] if name else False
            assert found.manual or results == ({"notapplicable"} if excluded else {"error"}), role

    def test_only_what_no_host_can_say_is_left_to_a_person(self) -> None:
        """A rule that is manual has nothing to judge by, and says what a person has to ask."""
        manual = {name: rule for name, rule in self.benchmark.rules.items() if rule.get("manual")}
        assert manual.keys() == {"HC-RTL-10"}
        for written in manual.values():
            assert not {"notapplicable", "each", "where", "expect"} & written.keys()

    def test_a_rule_says_why_what_to_do_and_by_which_source(self, rule: str) -> None:
        written = self.benchmark.rules[rule]
        assert written["because"] and written["references"] and written["verify"]
        assert len(written["rationale"]) > 40
        assert all(re.search(r"[a-z]+ [-/A-Za-z0-9]+", step_text(step)) for step in written["fix"])
        assert not written["title"].endswith(".")
        assert all(case["is"] for case in written.get("notapplicable", ()))


class TestContainerHost(Shipped):
    (path,) = REGISTRY.benchmarks
