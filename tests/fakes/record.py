"""Record this host for the tests: `python tests/fakes/record.py > tests/fakes/NAME.recording.json`.

A recording holds what the probes read: users, processes, mounts and settings of the machine that it was made on. Make it on a throwaway host.
"""

import json
import sys

from hostcheck import collect, registry


def main() -> None:
    """Print the recording."""
    json.dump(collect.record(registry.load()), sys.stdout, indent=1, sort_keys=True)


if __name__ == "__main__":
    main()
