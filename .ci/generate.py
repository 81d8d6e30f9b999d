"""Write what follows from one place and is kept in another: lists in facts schemas, docs/facts.md, and what recorded hosts are told.

The suite compares each with what is made here, so that a list and what follows from it change together: `.venv/bin/python .ci/generate.py`.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from hostcheck import registry
from hostcheck.documents import load_facts_schema
from hostcheck.glossary import facts
from hostcheck_builtin.kernel.kernel_config import OPTIONS
from hostcheck_builtin.kernel.sysctls import SYSCTLS

ROOT: Final = Path(__file__).resolve().parents[1]
KERNEL: Final = ROOT / "plugins/hostcheck_builtin/kernel/probe_kernel.facts.json"
PAGE: Final = ROOT / "docs/facts.md"
COLUMNS: Final = ("fact", "type", "unit", "source", "needs", "absent")
HEAD: Final = """# Facts

What each probe states, and each analysis, made from their facts schemas by `.ci/generate.py`. `{key}` stands for the name of a member, `*` for an element.
Whatever could not be determined is a hole instead; what needs root is one for other users, where they are denied it.
"""


def with_members(text: str, kind: str, names: Iterable[str]) -> str:
    """Return a facts schema whose one object of members that are all of this kind, a name in `$defs`, has these members, and requires them."""
    reference = rf'{{"$ref": "#/$defs/{kind}"}}'
    found = re.search(rf'(?:^ *"[^"\n]+": {re.escape(reference)},?\n)+( *)\}},\n *"required": \[[^]]*\]', text, re.MULTILINE)
    if found is None:
        raise SystemExit(f"no object whose members are {reference}, with `required` behind it")
    indent = found[1]
    members = ",\n".join(f'{indent}  "{name}": {reference}' for name in names)
    required = ",\n".join(f'{indent}  "{name}"' for name in names)
    return f'{text[: found.start()]}{members}\n{indent}}},\n{indent}"required": [\n{required}\n{indent}]{text[found.end() :]}'


def facts_schema() -> str:
    """Return the facts schema of the probe kernel with the settings and options that it reads."""
    text = with_members(KERNEL.read_text(encoding="utf-8"), "sysctl", SYSCTLS)
    return with_members(text, "option", [f"CONFIG_{name}" for name in OPTIONS])


def facts_page() -> str:
    """Return docs/facts.md, from the facts schemas as they are."""
    found, parts = registry.load(), [HEAD]
    stated = [("Probe", name, one.title, one.facts_schema) for name, one in sorted(found.probes.items())]
    stated += [("Analysis", name, one.title, one.facts_schema) for name, one in sorted(found.analyses.items())]
    for kind, name, title, schema in stated:
        parts.append(f"\n## {kind} `{name}`\n\n{title}.\n\n| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}\n")
        for row in facts(load_facts_schema(schema)[0]):
            cells = (row[column].replace("|", "\\|").replace("\n", " ") for column in COLUMNS)
            parts.append(f"| {' | '.join(cells)} |\n")
    return "".join(parts)


MADE: Final[dict[Path, Callable[[], str]]] = {KERNEL: facts_schema, PAGE: facts_page}
"""What is written, each after what it is made from."""


def write_facts_schema() -> None:
    """Write the facts schema of the probe kernel."""
    write(KERNEL)


def write(path: Path) -> None:
    """Write one file, and say so, if it is not what it should be."""
    text = MADE[path]()
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))


def write_goldens() -> None:
    """Write what recorded hosts are told; a question that no recording answers is a hole there."""
    pytest = Path(sys.executable).with_name("pytest")
    subprocess.run([pytest, "-q", "tests/golden"], cwd=ROOT, env={**os.environ, "HOSTCHECK_UPDATE_GOLDEN": "1"}, check=True)


def main() -> None:
    """Write all; what differs in tests/golden is to be read."""
    for path in MADE:
        write(path)
    write_goldens()


if __name__ == "__main__":
    main()
