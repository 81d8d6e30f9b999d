from hostcheck_builtin.privileged_programs.rules_in_force import Step, in_force
from hostcheck_builtin.privileged_programs.rules_people import Targets
from hostcheck_builtin.privileged_programs.rules_policy import Leaf, PolicyRule, Spec

ALL = Leaf("all", "", negated=False)
RULE = PolicyRule("/s:1", "/s", 1, 1, (), (), ())


def step(*leaves: Leaf, timed: bool = False, over: bool = False, maybe: bool = False) -> Step:
    return Step(RULE, Spec(leaves, options=frozenset({"NOTAFTER"} if timed else {"OVER"} if over else ())), Targets({0: True}), maybe)


def command(name: str, args: str = "any", variant: int = 0, *, negated: bool = False) -> Leaf:
    path = "directory" if name.endswith("/") else "wildcard" if "*" in name else "regex" if name[0] == "^" else "plain"
    return Leaf("command", name, negated, path, args, variant)


def told(*steps: Step) -> list[tuple[str, bool]]:
    return [(right.leaf.name or "ALL", not right.doubt) for right in in_force(list(steps), 0)]


def test_the_last_decides() -> None:
    assert told(step(command("/a")), step(command("/a"))) == [("/a", True)]
    assert told(step(command("/a")), step(command("/a", negated=True))) == []
    assert told(step(command("/a", negated=True)), step(command("/a"))) == [("/a", True)]
    assert told(step(command("/a", "given", 1)), step(command("/a", "given", 1, negated=True))) == []
    assert told(step(command("/a", "given", 1)), step(command("/a", "given", 2, negated=True))) == [("/a", True)]
    assert told(step(ALL), step(command("/a", negated=True))) == [("ALL", True)]


def test_a_pattern_decides_about_what_it_means() -> None:
    assert told(step(command("/x/a")), step(command("/x/", negated=True))) == []
    assert told(step(command("/x/y/a")), step(command("/x/", negated=True))) == [("/x/y/a", True)]
    assert told(step(command("/x/a")), step(command("/*", negated=True))) == [("/x/a", True)]
    assert told(step(command("/x/a")), step(command("^/x", negated=True))) == [("/x/a", False)]


def test_what_holds_for_a_time_decides_nothing() -> None:
    assert told(step(command("/a")), step(command("/a", negated=True), timed=True)) == [("/a", True)]
    assert told(step(command("/a"), timed=True)) == [("/a", False)]
    assert told(step(command("/a")), step(command("/a", negated=True), over=True)) == [("/a", True)]
    assert told(step(command("/a"), over=True)) == []


def test_what_may_apply_gives_nothing_and_takes_away() -> None:
    assert told(step(command("/a")), step(command("/a"), maybe=True)) == []


def test_as_another() -> None:
    assert list(in_force([step(ALL)], 5)) == []
