from hostcheck_builtin.privileged_programs.command_effects import RANKS
from hostcheck_builtin.privileged_programs.command_table import COMMANDS, ENGINE, of_program


def test_the_table() -> None:
    for name, one in COMMANDS.items():
        assert one.gives in RANKS and one.source and (one.engine != "") == (one.gives == ENGINE), name
        assert "/" not in name and of_program(f"/usr/bin/{name}") is one


def test_a_version_is_the_same_program() -> None:
    assert of_program("/usr/bin/python3") is of_program("/usr/bin/python")
    assert of_program("/usr/bin/7z") is not None
    assert of_program("/usr/bin/unknown3") is None
