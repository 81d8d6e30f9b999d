"""Record this host for the tests: `python tests/fakes/record.py NAME` writes `NAME.recording.json` beside this file.

A recording holds what the probes read: users, processes, mounts and settings of the machine that it was made on. Make it on a throwaway host.
"""

import json
import sys
from pathlib import Path

from hostcheck import collect, registry


def main() -> None:
    """Write the recording."""
    path = Path(__file__).parent / f"{sys.argv[1]}.recording.json"
    path.write_text(json.dumps(collect.record(registry.load()), indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
