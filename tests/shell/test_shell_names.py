from hostcheck_builtin.shell.shell_names import ShellName, ShellNames


def names(**variables: str) -> ShellNames:
    return ShellNames(variables, lambda text, known, folder: [ShellName(1, "runs", text + known.get("A", ""), True)])


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


def test_what_a_variable_means_for_programs() -> None:
    told = names()
    told.command(told.assigned(["PYTHONPATH=/p:q", "LD_LIBRARY_PATH=:/l", "x"]))
    told.command(["env", "LD_PRELOAD=/a:/b", "PATH=/c", "LD_AUDIT=d e", "PERL5LIB=/has blank", "x"])
    assert [key for key in told.named if key[0] != "finds"] == [("searches", "/p"), ("searches", "/l"), ("reads", "/a"), ("reads", "/b"), ("path", "/c")]


def test_a_member_of_an_array_is_no_program() -> None:
    told = names()
    told.command(["cd", "/x"])
    assert told.assigned(["a[1]=b/c", "d[e f]+=/g", "h=i\nj/k"]) == [] and told.named == {}


def test_what_stands_behind_a_word_that_is_not_known_is_not_certain() -> None:
    """An option in its place would take the next word, which may be a lock that everybody writes."""
    told = names()
    told.command(["flock", "\0", "/l", "/a"])
    told.command(["timeout", "5", "flock", "/x/\0", "/b", "\0"])
    told.command(["flock", "\0", "sh", "-c", "/c"])
    told.command(["nice", "-n", "\0", "d"])
    found = {key: one.certain for key, one in told.named.items() if key[1] in ("/l", "/b", "/c", "d", "sh", "flock")}
    assert found == {
        **{("runs", "/l"): False, ("runs", "/b"): True, ("runs", "/c"): False},
        **{("finds", "d"): False, ("finds", "sh"): False, ("finds", "flock"): True},
    }


def test_where_a_command_is_run() -> None:
    told = ShellNames({}, lambda text, known, folder: [ShellName(1, "runs", folder + text, True)])
    for words in (["cd", "-P", "/x"], ["sh", "-c", "/a"], ["cd", "/has blank"], ["bash", "b"], ["cd", "$(c)"], ["bash", "d"]):
        told.command(words)
    assert [key for key in told.named if key[0] != "finds"] == [("runs", "/x/a")]


def test_in_a_directory_that_is_gone_to_perhaps() -> None:
    told = names()
    for told.certain, words in ((False, ["cd", "/x"]), (True, ["bash", "a"]), (True, ["bash", "/x/b"])):
        told.command(words)
    assert {one.path: one.certain for one in told.named.values() if one.how == "runs"} == {"/x/a": False, "/x/b": True}


def test_what_a_shell_may_read() -> None:
    told = names()
    for words in (["python3", "/a"], ["python3", "/b"], ["sh", "/b"], ["/c"], [".", "/d"], ["awk", "-f", "/e"]):
        told.command(words)
    assert {one.path: one.script for one in told.named.values() if one.how in ("runs", "reads")} == {
        "/a": False,
        "/b": True,
        "/c": True,
        "/d": True,
        "/e": False,
    }


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
