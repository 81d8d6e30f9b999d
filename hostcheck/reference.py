"""Judge by jsonschema as well, and refuse to go on where it says something else.

The predicates are ours, so that holes can be judged; where there are none, the library that everybody else trusts must agree.
"""

from jsonschema import Draft202012Validator
from referencing import Registry

from hostcheck.because import has_holes
from hostcheck.evaluate import Facts
from hostcheck.model import HostcheckError, Json
from hostcheck.schema import Ternary
from hostcheck.told import Check


class DifferenceError(HostcheckError):
    """The predicates and jsonschema do not agree: a defect of hostcheck."""

    exit_code = 70


class Reference:
    """A judge that asks both; `compared` counts how often there were no holes, so that both could answer."""

    def __init__(self) -> None:
        """Start counting."""
        self.compared = 0

    def __call__(self, check: Check, facts: Json) -> Ternary:
        """Return the verdict; raises DifferenceError where jsonschema comes to another."""
        verdict = check.judge(facts)
        if not has_holes(facts):
            self._compare(check.schema, facts, verdict)
        return verdict

    def check_facts(self, facts: Facts) -> None:
        """Raise DifferenceError where jsonschema does not accept facts that were accepted."""
        for name, schema in facts.schemas.items():
            if name not in facts.broken and not has_holes(facts.document[name]):
                self._compare(schema, facts.document[name], True)

    def _compare(self, schema: Json, facts: Json, verdict: Ternary) -> None:
        self.compared += 1
        expected = Draft202012Validator(schema, registry=Registry()).is_valid(facts)
        if expected is not verdict:
            raise DifferenceError(
                f"hostcheck says {verdict}, but jsonschema says {expected}, about {str(facts)[:200]} by {str(schema)[:200]}; please report this"
            )
