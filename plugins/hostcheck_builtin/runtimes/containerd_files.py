"""The files of a containerd's configuration, in the order in which containerd merges them: the one that it is told, and those that it imports."""

from hostcheck.api import ABSENT, Host, LimitExceeded, Nonsense
from hostcheck_builtin.runtimes.toml_files import Table, beside, document, field, matching, typed
from hostcheck_builtin.system.bounds import CONTAINERD_IMPORTS as MOST
from hostcheck_builtin.system.fact_members import sure

Files = list[tuple[str, Table]]


def load(host: Host, path: str) -> Files:
    """Return the files in the order in which containerd merges them, none where the first is not there; raises Nonsense where it would not start."""
    files: Files = []
    waiting, done = [path], set[str]()
    while waiting:
        name = waiting.pop(0)
        if name in done:
            continue
        done.add(name)
        if len(done) > MOST:
            raise LimitExceeded(f"{path}: more than {MOST} imports")
        try:
            read = document(host, name)
        except ABSENT as error:
            if not files:
                return []
            raise Nonsense(f"{name}: is imported and not there, so that containerd would not start") from error
        files.append((name, read))
        waiting += _imports(host, name, read)
    return files


def _imports(host: Host, path: str, read: Table) -> list[str]:
    names = [beside(path, name) for name in sure(typed(field(read, "imports") or [], list, path, "imports"))]
    return [found for name in names for found in (matching(host, name) if "*" in name else [name])]
