"""A directory of Podman's files in memory, for what reads several of them."""

from collections.abc import Iterator, Mapping


class Directory:
    """One of these directories; a file in a drop-in directory is called DIRECTORY/NAME."""

    def __init__(self, path: str, files: Mapping[str, str]) -> None:
        """Take what is in it."""
        self.path, self.files = path, dict(files)

    def file(self, name: str) -> tuple[str, bytes] | None:
        """Return a file, None where there is none."""
        return (f"{self.path}/{name}", self.files[name].encode()) if name in self.files else None

    def drop_ins(self, name: str) -> Iterator[tuple[str, bytes]]:
        """Yield the files of a drop-in directory."""
        for one in sorted(self.files):
            if one.startswith(f"{name}/"):
                yield f"{self.path}/{one}", self.files[one].encode()
