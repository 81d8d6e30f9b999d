"""What holds for every rule that comes with hostcheck: the contract that the public test kit has for everybody's, and words of our own."""

import re
from pathlib import Path

from hostcheck import registry
from hostcheck.evaluate import Facts, judge_rule
from hostcheck.model import Hole, Why
from hostcheck.testing import BenchmarkContract

REGISTRY = registry.load()
DENIED = Hole(why=Why.DENIED, message="no")


class Shipped(BenchmarkContract):
    __test__ = False

    def test_ids_name_their_section(self) -> None:
        for name, source in self.benchmark.sources.items():
            assert name.split("-")[1] == Path(source).stem

    def test_on_a_host_of_which_nothing_is_known_there_is_one_error_or_a_person_to_ask(self, rule: str) -> None:
        found = self.resolve(rule)
        findings = judge_rule(found, Facts(document=dict.fromkeys(self.schemas(), DENIED)))
        if found.manual:
            assert [(finding["result"], finding["subject"], finding["manual"]) for finding in findings] == [("notchecked", "", True)]
            return
        assert [(finding["result"], finding["subject"]) for finding in findings] == [("error", "*" if found.each or found.applies else "")]

    def test_a_failure_names_its_subject(self, rule: str) -> None:
        found = self.resolve(rule)
        failing = found.document["examples"].get("fail", [])
        for example in failing if isinstance(failing, list) else [failing]:
            for finding in judge_rule(found, Facts(document=example)):
                assert "{" not in finding["because"]
                assert not found.each or finding["subject"] in finding["because"]

    def test_only_what_no_host_can_say_is_left_to_a_person(self) -> None:
        """A rule that is manual has nothing to judge by, and says what a person has to ask."""
        manual = {name: rule for name, rule in self.benchmark.rules.items() if rule.get("manual")}
        assert manual.keys() == {"HC-RTL-10"}
        for written in manual.values():
            assert not {"applies", "each", "where", "expect"} & written.keys() and written["examples"] == {}

    def test_a_rule_says_why_what_to_do_and_by_which_source(self, rule: str) -> None:
        written = self.benchmark.rules[rule]
        assert written["because"] and written["references"] and written["verify"]
        assert len(written["rationale"]) > 40
        assert re.search(r"[a-z]+ [-/A-Za-z0-9]+", written["remediation"])
        assert not written["title"].endswith(".")
        if "applies" in written:
            assert "notapplicable" in written and "notapplicable" in written["examples"]


def contract_of(path: str) -> type[BenchmarkContract]:
    return type(f"Test{Path(path).parent.name.title().replace('_', '')}", (Shipped,), {"path": path})


globals().update({contract.__name__: contract for contract in map(contract_of, REGISTRY.benchmarks)})
