"""Run by the installed hostcheck's Python: print the access that follows from the evidence on standard input."""

import json
import sys

from hostcheck.parting import part, unite
from hostcheck.view import View
from hostcheck_builtin.sockets.analysis_socket_access import derive

if __name__ == "__main__":
    probes = json.load(sys.stdin)["probes"]
    facts = {name: View(unite(probe["facts"], probe["holes"], name)) for name, probe in probes.items() if isinstance(probe.get("facts"), dict)}
    plain, holes = part(derive(facts, {}))
    print(json.dumps({"facts": plain, "holes": holes}))
