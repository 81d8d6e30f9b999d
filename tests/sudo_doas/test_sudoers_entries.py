from hostcheck_builtin.sudo_doas.sudoers_entries import CommandSpec, Member

ALL = Member("all")
ROOT = (Member("user", "root"),)


def test_a_command_takes_over_what_stands_to_its_left() -> None:
    left = CommandSpec(ALL, ROOT, None, {"PASSWD": False, "SETENV": False}, {"ROLE": "r", "CWD": "/"})
    right = CommandSpec(ALL, None, None, {"PASSWD": True}, {"TYPE": "t"})
    right.follow(left)
    assert (right.runas_users, right.tags, right.options) == (ROOT, {"PASSWD": True, "SETENV": False}, {"TYPE": "t", "CWD": "/"})


def test_what_it_is_run_as_is_taken_over_as_a_whole() -> None:
    right = CommandSpec(ALL, None, ROOT)
    right.follow(CommandSpec(ALL, ROOT, None))
    assert (right.runas_users, right.runas_groups) == (None, ROOT)


def test_what_all_implies_is_not_taken_away() -> None:
    right = CommandSpec(ALL, implied=True)
    right.follow(CommandSpec(ALL, tags={"SETENV": False}))
    assert right.tags == {}
