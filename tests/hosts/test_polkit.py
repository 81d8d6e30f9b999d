"""polkit against the real thing: what polkitd answers by made files of rules for five users equals what the facts say."""

import pytest
from polkit.made_rules import made
from polkit.polkit_says import ASKS, ours, says


@pytest.mark.parametrize("first", [0, 1000])
def test_what_polkitd_answers(first: int) -> None:
    """What is certain is so, whoever is asked for a password is not let in without one, and where all is known nobody is let in of whom nothing is told."""
    cases, whole = [made(seed) for seed in range(first, first + 60)], 0
    for files, answers in zip(cases, says(cases), strict=True):
        told, known = ours(files)
        whole += known
        for ask, codes, wants in zip(ASKS, answers, told, strict=True):
            for name, code in codes.items():
                want = wants[name]
                assert code == 0 or "nothing" not in want, (ask, name, code, want, files)
                assert code == 2 or "own-password" not in want or want & {"nothing", ""} or not known, (ask, name, code, want, files)
                assert code != 0 or want & {"nothing", ""} or not known, (ask, name, code, want, files)
    assert whole > 40
