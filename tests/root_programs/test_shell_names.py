from hostcheck_builtin.root_programs.shell_names import ShellName, ShellNames


def names(**variables: str) -> ShellNames:
    return ShellNames(variables, lambda text, known: [ShellName(1, "runs", text + known.get("A", ""), True)])


def test_variables_are_those_in_plain_words() -> None:
    told = names()
    assert told.assigned(["A=/a", "B=", "PATH=/x:/bin:/y", "/c", "D=/d"]) == ["/c", "D=/d"]
    assert told.variables == {"A": "/a", "B": "", "PATH": "/x:/bin:/y"}
    assert [(one.path, one.certain) for one in told.named.values()] == [("/x", True), ("/bin", True), ("/y", False)]
    assert told.assigned(["export", "E=1", "F"]) == []


def test_a_file_that_each_program_loads() -> None:
    told = names()
    told.assigned(["LD_PRELOAD=/a", "BASH_ENV=b"])
    assert list(told.named) == [("reads", "/a")]


def test_what_is_not_whole_or_not_known_is_left_out() -> None:
    told = names(HOME="/root")
    for words in (["cd", "/x"], ["./a"], [".", "b/c"], ["cd", "y"], ["./d"], ["~/e"], ["/f\0"], ["/g\n"], [".", "h"], ["sh", "-c", "/i"], ["j k"]):
        told.command(words)
    assert [key for key in told.named if key[0] != "finds"] == [("runs", "/x/a"), ("reads", "/x/b/c"), ("runs", "/root/e"), ("runs", "/i")]


def test_what_is_certain_once_stays_so() -> None:
    told = names()
    for told.certain, told.line in ((False, 1), (True, 2), (False, 3)):
        told.command(["/a"])
    assert list(told.named.values()) == [ShellName(2, "runs", "/a", True)]
