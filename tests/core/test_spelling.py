"""What somebody may have meant: names in small and capital letters, and near ones."""

import pytest

from hostcheck.model import HostcheckError
from hostcheck.spelling import chosen, near

NAMES = ("low", "high", "critical")


@pytest.mark.parametrize(
    ("name", "said"), [("hihg", "; did you mean 'high'?"), ("CRITCAL", "; did you mean 'critical'?"), ("x", ""), ("", ""), ("high", "; did you mean 'high'?")]
)
def test_the_nearest_name_is_asked_for(name: str, said: str) -> None:
    assert near(name, NAMES) == said


def test_a_name_is_known_in_capitals_and_another_is_refused_with_all_that_are_known() -> None:
    assert [chosen(name, NAMES, "a severity; the severities") for name in ("HIGH", "Low")] == ["high", "low"]
    with pytest.raises(HostcheckError, match="^'hihg' is not a severity; did you mean 'high'\\? the severities are low, high, critical$"):
        chosen("hihg", NAMES, "a severity; the severities")
    with pytest.raises(HostcheckError, match="^'x' is not a severity; the severities are low, high, critical$"):
        chosen("x", NAMES, "a severity; the severities")
