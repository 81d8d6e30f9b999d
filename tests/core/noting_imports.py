"""Run the command `hostcheck`, and note what it imports in itself and in its children: `noting_imports.py FOLDER COMMAND [ARGUMENT ...]`.

In FOLDER each process has a file, with a line for each module that was found: its name, and that of the module that imports it first. What Python had
imported when it started is not noted.
"""

import os
import sys
from types import FrameType
from typing import Any


class Noting:
    """A finder that asks those that were there, and notes what they find."""

    def __init__(self, folder: str, finders: list[Any]) -> None:
        """Take the place of `finders`."""
        self.folder, self.finders = folder, finders

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Find a module; a child has only the descriptors that it was given, so the file is opened each time."""
        found = next(filter(None, (finder.find_spec(name, path, target) for finder in self.finders)), None)
        if found is not None:
            with open(f"{self.folder}/{os.getpid()}", "a") as file:
                file.write(f"{name} {importer(sys._getframe(1))}\n")
        return found


def importer(frame: FrameType | None) -> str:
    """Return the module whose code imports here."""
    while frame is not None and str(frame.f_globals.get("__name__")).startswith("importlib"):
        frame = frame.f_back
    return str(frame.f_globals.get("__name__")) if frame else ""


_, folder, *sys.argv = sys.argv
sys.meta_path[:] = [Noting(folder, list(sys.meta_path))]
with open(sys.argv[0]) as script:
    exec(compile(script.read(), sys.argv[0], "exec"), {"__name__": "__main__"})
