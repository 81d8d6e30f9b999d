"""Run the command line, as the command `hostcheck` and as `python -m hostcheck`, which with `-I` is how cron starts it.

The process ends without taking the interpreter down, which costs a scan 6 ms and frees what the kernel frees anyway (bench/README.md).
"""

import os
import sys
from typing import NoReturn

from hostcheck.cli import main


def leave() -> NoReturn:
    """Run the command line with the arguments of the process, and end the process with its exit code."""
    code = main()
    if foreign := sys.modules.get("hostcheck.registry.foreign"):
        foreign.close_all()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # Python tells of it, and has an exit code for it
        sys.exit(code)
    os._exit(code)


if __name__ == "__main__":
    leave()
