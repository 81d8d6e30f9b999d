import pytest
from runtimes.runtime_host import MAIN

from hostcheck.api import HoleError, LimitExceeded, Nonsense
from hostcheck.host.memory import MemoryHost
from hostcheck_builtin.runtimes.containerd_files import load
from hostcheck_builtin.runtimes.toml_files import MOST


def names(files: dict[str, str]) -> list[str]:
    return [name for name, _ in load(MemoryHost(files), MAIN)]


def test_without_a_file_there_is_none() -> None:
    assert names({}) == []


def test_imports_come_after_all_that_stand_beside_the_file_that_names_them() -> None:
    files = {
        MAIN: 'imports = ["a.toml", "d/*.toml"]\n',
        "/etc/containerd/a.toml": 'imports = ["/z.toml", "config.toml"]\n',
        "/etc/containerd/d/1.toml": 'imports = ["../a.toml"]\n',
        "/etc/containerd/d/2.toml": "",
        "/z.toml": "",
    }
    assert names(files) == [MAIN, "/etc/containerd/a.toml", "/etc/containerd/d/1.toml", "/etc/containerd/d/2.toml", "/z.toml"]


def test_an_import_that_is_not_there_or_is_a_directory() -> None:
    with pytest.raises(Nonsense):
        names({MAIN: 'imports = ["gone.toml"]\n'})
    with pytest.raises(Nonsense):
        names({MAIN: 'imports = ["d"]\n', "/etc/containerd/d/x.toml": ""})


@pytest.mark.parametrize("text", ["imports = 1\n", "imports = [1]\n", 'imports = "a.toml"\n'])
def test_imports_that_are_no_list_of_texts(text: str) -> None:
    with pytest.raises(HoleError) as refused:
        names({MAIN: text})
    assert refused.value.hole.message.startswith(MAIN)


def test_imports_are_bounded() -> None:
    many = {f"/etc/containerd/{number}.toml": f'imports = ["{number + 1}.toml"]\n' for number in range(MOST + 2)}
    with pytest.raises(LimitExceeded):
        names({MAIN: 'imports = ["0.toml"]\n', **many})
