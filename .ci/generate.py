"""Make anew what follows from one place and is kept in another: `python .ci/generate.py`; with --check it says what is not current.

The kernel's facts schema follows from its lists of settings, the compiled benchmark from the rules, the pages in docs/ from both. The suite compares each
with what is made here; what recorded hosts are told (tests/golden) is written last, and its differences are to be read.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator

from hostcheck import registry
from hostcheck.authoring.compile import Source, check, compiled, shown_examples, written_out
from hostcheck.authoring.pages import index, page
from hostcheck.authoring.strict_yaml import read_yaml
from hostcheck.benchmark import load, selection
from hostcheck.cli.config import SETTINGS
from hostcheck.cli.listing import values
from hostcheck.documents import read_own
from hostcheck.facts_schema import load_facts_schema
from hostcheck.glossary import facts
from hostcheck.lint import facts_schemas
from hostcheck_builtin.kernel.kernel_config import OPTIONS
from hostcheck_builtin.kernel.sysctls import SYSCTLS
from hostcheck_builtin.leads.place_entries import HOW

ROOT: Final = Path(__file__).resolve().parents[1]
GOLDEN: Final = ROOT / "tests/golden/weak-as-root.level1.1.txt"
SHOWN: Final = ("HC-ACC-05",)
"""Of which rules the README shows the failure."""
PEOPLE: Final = 4
"""How many lines it shows of who can become root."""
BENCHMARK: Final = ROOT / "plugins/hostcheck_builtin/benchmark"
CATALOGUE: Final = ROOT / "plugins/hostcheck_builtin/leads"
KERNEL: Final = ROOT / "plugins/hostcheck_builtin/kernel/probe_kernel.facts.json"
COLUMNS: Final = ("fact", "type", "unit", "source", "needs", "absent")
HEAD: Final = """# Facts

What each probe and each analysis states, generated from their facts schemas by `.ci/generate.py`. `{key}` stands for the name of a member, `*` for an element.
Whatever could not be determined is a hole instead. A fact that needs root is a hole if another user scans and is denied access.
"""
CONFIGURATION: Final = """# Configuration

Generated from the code by `.ci/generate.py`, so it is always complete.

hostcheck works without a configuration. Settings for every scan of a host are in `/etc/hostcheck/config.toml`; `--config FILE` names another file. The command
line overrides the file. Values and plugins of both are combined; if both set the same value, the command line wins. When root scans, the file and its parent
directories must be writable by root only: otherwise hostcheck exits with code 5.

A complete example:

```toml
profile = "level2"
fail_on = "medium"
format = ["html=/var/lib/hostcheck/report.html", "json=/var/lib/hostcheck/report.json"]

[values]
approved_users = ["alice", "bob"]
```

An unknown setting, or one of the wrong type, is an error (exit code 2) that lists the valid settings.

## Settings
"""
VALUES: Final = """
## Values

A value is what a rule compares with, and what a site may change: mostly names that are approved. Set one in `[values]` of the configuration, or for one run by
`--value NAME=VALUE`, with commas between the members of a list: `--value approved_users=alice,bob`. A setting replaces the default; to extend a list, repeat
its default members. The report says which values were set. `hostcheck list values` shows all values of this installation, including those of plugins.
"""
EXAMPLES: Final[dict[str, Any]] = {
    "approved_addresses": ["192.168.5.15"],
    "approved_groups": ["docker"],
    "approved_shares": ["/home/alice/src"],
    "approved_subid_owners": ["dockremap", "containers", "alice"],
    "approved_users": ["alice", "bob"],
    "directory_first": 1000000000,
    "directory_last": 1999999999,
    "local_subid_owners": ["dockremap", "containers", "jenkins"],
    "owners_without_account": ["containers", "buildkit"],
    "plain_ports": [2375, 12375],
    "reserved_ranges": ["systemd-homed", "DynamicUser", "foreign", "systemd-nspawn"],
    "rootless_users": ["alice"],
}
"""Values in the documents where the default shows too little."""
STANDARDS: Final = """# Standards

What the rules cite. Generated from the rules and from `standards.yaml` of the built-in benchmark by `.ci/generate.py`.

A reference names its source, the edition in which the section was looked up, the section, and a link where the source has pages. Of licensed standards only the
numbers are cited: what a rule says is in our own words, and a pass does not mean that the publisher certifies conformity. [coverage.md](coverage.md) goes the
other way, from the ids of a standard to the rules.
"""
COVERAGE: Final = """# Coverage

Which rules cite which id of the CIS Docker Benchmark and of the Docker STIG, and, for an id without a rule, why. Generated from the rules and from
`coverage.yaml` of the built-in benchmark by `.ci/generate.py`.

We describe each id in our own words; the requirement itself is in the standard ([standards.md](standards.md)). A rule that cites an id judges what the id is
about, or only a part of it: read the rule before you rely on it. *Planned* marks a rule that has a number but is not written yet.
"""
LEADS: Final = """# Leads

Places that make root of whoever can write there, or tell what root alone is to know, and programs that give more than their names say. Generated from the
entries in `plugins/hostcheck_builtin/leads` by `.ci/generate.py`; `hostcheck list leads --json` has all of each entry.

The same places are used for users (can one change it?) and for containers (is it mounted into one?). *Perhaps* says that the reader may refuse such a file, or
may not run. A name of a module says that it looks at the place by itself, and finds more there than the place.

The same programs are used for rules of sudo and doas, actions of polkit, setuid bits, and what root runs by itself. *Likely* says why it is not certain what
one gives; all else a test has tried (`tests/hosts/trials.py`), or GTFOBins publishes it. With the rights of a setuid bit a program *runs* any command, makes
any system *call*, *reads* or *writes* any file, changes *modes* or *owners*, gives *rights* to accounts and files, or *asks* something else for it.
"""
COLUMNS_OF_LEADS: Final = {
    "places": "| place | what is there | who reads or runs it | source |\n|---|---|---|---|",
    "programs": "| program | what it gives as root | with the rights of a setuid bit | source |\n|---|---|---|---|",
}
Made = dict[Path, str]
Citing = dict[str, dict[str, list[str]]]
"""The rules that cite a section of a source, by source and section."""


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


def facts_schema() -> Made:
    """Return the facts schema of the probe kernel with the settings and options that it reads."""
    text = with_members(KERNEL.read_text(encoding="utf-8"), "sysctl", SYSCTLS)
    return {KERNEL: with_members(text, "option", [f"CONFIG_{name}" for name in OPTIONS])}


def benchmark() -> Made:
    """Return the compiled benchmark and its examples; exits with what is wrong with them."""
    source, schemas = Source(str(BENCHMARK)), facts_schemas(registry.load())
    document = compiled(source)
    if wrong := check(source, document, schemas):
        raise SystemExit("\n".join(wrong))
    made = {"": document, ".examples": shown_examples(source, document, schemas)}
    return {BENCHMARK / f"{document['id']}{kind}.json": written_out(one).decode() for kind, one in made.items()}


def rules() -> Made:
    """Return the page of each rule, and their list."""
    found = load(str(BENCHMARK / "container-host.json"), shipped=True)
    examples: dict[str, Any] = json.loads((BENCHMARK / "container-host.examples.json").read_text(encoding="utf-8"))["rules"]
    chosen = {name: [profile for profile in sorted(found.profiles) if name in selection(found, profile)[0]] for name in found.rules}
    pages = {f"{name}.md": page(found, name, chosen[name], examples.get(name, {})) for name in found.rules}
    return {ROOT / "docs/rules" / name: text for name, text in {**pages, "README.md": index(found)}.items()}


def facts_page() -> Made:
    """Return docs/facts.md, from the facts schemas as they are."""
    found, parts = registry.load(), [HEAD]
    stated = [("Probe", name, one.title, one.facts_schema) for name, one in sorted(found.probes.items())]
    stated += [("Analysis", name, one.title, one.facts_schema) for name, one in sorted(found.analyses.items())]
    for kind, name, title, schema in stated:
        parts.append(f"\n## {kind} `{name}`\n\n{title}.\n\n| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}\n")
        for row in facts(load_facts_schema(schema)):
            cells = (row[column].replace("|", "\\|").replace("\n", " ") for column in COLUMNS)
            parts.append(f"| {' | '.join(cells)} |\n")
    return {ROOT / "docs/facts.md": "".join(parts)}


def leads() -> Made:
    """Return the catalogue as it is read at a scan, and docs/leads.md; exits with what is wrong with a file."""
    made, page = dict[Path, str](), [LEADS]
    for kind in ("places", "programs"):
        entries: list[dict[str, Any]] = []
        for path in sorted((CATALOGUE / kind).glob("*.yaml")):
            rows = _rows(path, kind)
            title = path.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")
            page += [f"\n## {path.stem.capitalize()}\n\n{title}\n\n{COLUMNS_OF_LEADS[kind]}\n", *(f"| {' | '.join(CELLS[kind](row))} |\n" for row in rows)]
            entries += rows
        text = ",\n".join(json.dumps(row, sort_keys=True, ensure_ascii=False) for row in entries)
        made[CATALOGUE / f"{kind}.json"] = f'{{"{kind}":[\n{text}\n]}}\n'
    return {**made, ROOT / "docs/leads.md": "".join(page)}


def _rows(path: Path, kind: str) -> list[dict[str, Any]]:
    """Return the entries of a file, each with what the file says of all of them."""
    found: Any = read_yaml(str(path))
    schema = Draft202012Validator(json.loads((CATALOGUE / f"{kind}.schema.json").read_text(encoding="utf-8")))
    if wrong := [f"{path}: {one.json_path}: {one.message}" for one in schema.iter_errors(found)]:
        raise SystemExit("\n".join(wrong))
    usual = {key: value for key, value in found.items() if key != kind}
    return [_whole({**usual, **one, **_cases(one, usual)}, path, one.keys()) for one in found[kind]]


def _cases(one: Mapping[str, Any], usual: Mapping[str, Any]) -> dict[str, Any]:
    """Return the cases of an entry, and behind these those of its file, unless its last one always holds."""
    own = one.get("given", [])
    told = [*own, *([] if own and own[-1].keys() == {"does"} else usual.get("given", []))]
    return {"given": told} if told else {}


def _whole(row: dict[str, Any], path: Path, said: Collection[str]) -> dict[str, Any]:
    """Return an entry of which all is said; without what is said of those that are looked at here, where a module looks at the place by itself."""
    own = ("kind", "by", "how", "when")
    wanted = {"source", *(("what", *(() if "reader" in row else own)) if "place" in row else ("how",))}
    if missing := sorted(wanted - row.keys()):
        raise SystemExit(f"{path}: {(row.get('place') or row['program'])[0]}: {', '.join(missing)}: not said")
    looked_for = (*own, "reads", "refuses", "needs", "names", "of_program", "shells", *(() if "certain" in said else ("certain",)))
    return {key: value for key, value in row.items() if "reader" not in row or key not in looked_for}


DOES: Final = {"read": " (to read)", "connect": " (to connect)", "link": " (to make a link there)"}


def _place(row: dict[str, Any]) -> tuple[str, ...]:
    sure = ", perhaps" * (not row.get("certain", True)) + ", if it is root's alone" * row.get("refuses", False)
    whose = (f"{row['by']} {HOW[row['how']]} ({row['when']})" if "by" in row else f"`{row['reader']}`") + sure
    what = row["what"] + DOES.get(row.get("gives"), "") + (" (not what is below)" if row.get("alone") else "")
    return ", ".join(f"`{place}`" for place in row["place"]), what, whose, row["source"].replace("|", "\\|")


def _program(row: dict[str, Any]) -> tuple[str, ...]:
    when = ", also without arguments" * row.get("bare", False) + ", whatever the arguments" * row.get("fixed", False)
    names = ", ".join(f"`{name}`" for name in row["program"])
    likely = f" (likely: {row['likely']})" if "likely" in row else ""
    return names, f"{row['how']}{when}{likely}", ", ".join(row.get("setuid", ())), row["source"]


CELLS: Final = {"places": _place, "programs": _program}


def configuration() -> Made:
    """Return docs/configuration.md, from the settings in the code and the values of the built-in benchmark."""
    parts = [CONFIGURATION]
    for name, setting in SETTINGS.items():
        parts.append(f"\n### `{name}`\n\n{setting.about}\n\nType: {setting.type}. Default: {setting.default}.\n\n```toml\n{setting.example}\n```\n")
    parts.append(VALUES)
    for row in values([load(str(BENCHMARK / "container-host.json"), shipped=True)]):
        about = row["about"][:1].upper() + row["about"][1:]
        example = EXAMPLES.get(row["name"]) or row["default"]
        parts.append(
            f"\n### `{row['name']}`\n\n{about}. Used by {', '.join(map(linked, row['rules']))}.\n\nType: {row['type']}. Default: `{toml(row['default'])}`.\n\n"
        )
        parts.append(f"```toml\n[values]\n{row['name']} = {toml(example)}\n```\n")
    return {ROOT / "docs/configuration.md": "".join(parts)}


def toml(value: Any) -> str:
    """Return the value of a setting as TOML has it; of these kinds it is as JSON has it."""
    return json.dumps(value)


def readme() -> Made:
    """Return the README with an excerpt of what the weak recording is told: its head, and some of its failures."""
    blocks = GOLDEN.read_text(encoding="utf-8").split("\n\n")
    head = next(index for index, block in enumerate(blocks) if block.lstrip("\n").startswith("FAILED"))
    shown = [_short("\n\n".join(blocks[:head])), "[...]", blocks[head].lstrip("\n")]
    for rule in SHOWN:
        shown += ["[...]", next(block for block in blocks[head:] if rule in block.partition("\n")[0])]
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    before, _, rest = text.partition("```text\n")
    return {ROOT / "README.md": f"{before}```text\n" + "\n".join([*shown, "[...]"]) + "\n```\n" + rest.partition("\n```\n")[2]}


def _short(head: str) -> str:
    """Return the head of a summary with the answer, and with the first of those who can become root."""
    before, title, people = head.partition("\n\nWHO CAN BECOME ROOT")
    answer = before.partition("\ncontainers:")[0]
    shown, _, changes = people.partition("\n  to stop them:")
    return "\n".join([f"{answer}\n[...]{title}" + "\n".join(shown.splitlines()[:PEOPLE]), "  [...]", f"  to stop them:{changes}"])


def sources() -> list[dict[str, Any]]:
    """Return the sources that references may name."""
    found: Any = read_yaml(str(BENCHMARK / "standards.yaml"))
    return list(found["sources"])


def citing() -> Citing:
    """Return which rules cite which sections."""
    found: Citing = {}
    for name, rule in sorted(load(str(BENCHMARK / "container-host.json"), shipped=True).rules.items()):
        for reference in rule["references"]:
            found.setdefault(reference["source"], {}).setdefault(reference.get("section", ""), []).append(name)
    return found


def link(source: dict[str, Any], section: str) -> str:
    """Return the url of a section of this source: empty where it has no pages; raises ValueError for a section that is not of its form."""
    found = re.fullmatch(source["section"], section)
    if found is None:
        raise ValueError(f"{section} is not a section of {source['source']}: {source['written']}")
    parts = {name: part or "" for name, part in found.groupdict().items()}
    return str(source.get("link", "").format(**{**parts, "sub": parts.get("sub", "").replace(".", "/")}))


def in_order(section: str) -> list[tuple[bool, int, str]]:
    """Return a key that sorts 5.2 before 5.10."""
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.split(r"([0-9]+)", section)]


def standards() -> Made:
    """Return docs/standards.md: each source, and the rules that cite it."""
    cited, parts = citing(), [STANDARDS]
    for source in sources():
        what = ", ".join([source["title"], *([f"edition {source['edition']}"] if "edition" in source else []), source["publisher"]])
        where = f" <{source['url']}>" if "url" in source else ""
        parts.append(f"\n## {source['source']}\n\n{what}.{where}\n\n")
        parts.append(f"{source['about']} {source['licence']} A section is {source['written']}.\n\n| section | rules |\n|---|---|\n")
        for section, names in sorted(cited.get(source["source"], {}).items(), key=lambda each: in_order(each[0])):
            url = link(source, section)
            parts.append(f"| {f'[{section}]({url})' if url else section} | {', '.join(map(linked, names))} |\n")
    return {ROOT / "docs/standards.md": "".join(parts)}


def linked(name: str) -> str:
    """Return a link to the page of a rule."""
    return f"[{name}](rules/{name}.md)"


def coverage() -> Made:
    """Return docs/coverage.md: each id of the standards in coverage.yaml, with its rules or why there is none."""
    found: Any = read_yaml(str(BENCHMARK / "coverage.yaml"))
    editions, all_cited, parts = {source["source"]: source["edition"] for source in sources() if "edition" in source}, citing(), [COVERAGE]
    for standard in found["standards"]:
        cited, ids = all_cited.get(standard["source"], {}), standard["ids"]
        planned = sum(one["id"] not in cited and "planned" in one for one in ids)
        none = sum("why" in one for one in ids)
        parts.append(f"\n## {standard['source']} {editions[standard['source']]}\n\n")
        parts.append(f"{len(ids)} ids: {len(ids) - planned - none} with a rule, {planned} with planned rules only, {none} without.\n\n")
        parts.append("| id | about | rules |\n|---|---|---|\n")
        for one in ids:
            number = f" ({one['number']})" if "number" in one else ""
            rules = [", ".join(map(linked, cited.get(one["id"], []))), f"planned: {', '.join(one['planned'])}" if "planned" in one else ""]
            why = found["reasons"].get(one.get("why"), one.get("why", ""))
            parts.append(f"| {one['id']}{number} | {one['about']} | {'; '.join(filter(None, [*rules, why]))} |\n")
    return {ROOT / "docs/coverage.md": "".join(parts)}


STEPS: Final = (leads, facts_schema, benchmark, rules, facts_page, standards, coverage, configuration, readme)
"""Each after what it is made from."""


def write(made: Made, *, dry: bool) -> list[Path]:
    """Write what differs, and return it; with `dry` only return it."""
    changed = [path for path, text in made.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    for path in [] if dry else changed:
        path.parent.mkdir(exist_ok=True)
        path.write_text(made[path], encoding="utf-8")
    return changed


def stale() -> list[Path]:
    """Return the pages of rules that are gone."""
    return [path for path in (ROOT / "docs/rules").glob("*.md") if path not in rules()]


def write_goldens() -> None:
    """Write what recorded hosts are told; a question that no recording answers is a hole there."""
    pytest = Path(sys.executable).with_name("pytest")
    subprocess.run([pytest, "-q", "tests/golden"], cwd=ROOT, env={**os.environ, "HOSTCHECK_UPDATE_GOLDEN": "1"}, check=True)


def main() -> int:
    """Make everything anew, or say what is not current."""
    dry = "--check" in sys.argv[1:]
    changed: list[Path] = []
    for step in STEPS:
        load_facts_schema.cache_clear()  # what was written a step before is read anew
        read_own.cache_clear()
        changed += write(step(), dry=dry)
    gone = stale()
    for path in [] if dry else gone:
        path.unlink()
    print("".join(f"{path.relative_to(ROOT)}\n" for path in [*changed, *gone]) or "everything is current\n", end="")
    if not dry:
        write_goldens()
        write(readme(), dry=False)  # once more, from what was just written
    return int(dry and bool(changed or gone))


if __name__ == "__main__":
    sys.exit(main())
