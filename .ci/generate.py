"""Make anew what is generated: the compiled benchmark and the pages of its rules. `python .ci/generate.py`; with --check it says what is not current."""

import sys
from pathlib import Path

from hostcheck import registry
from hostcheck.authoring.compile import Source, check, compiled, shown_examples, written_out
from hostcheck.authoring.pages import index, page
from hostcheck.benchmark import load, selection
from hostcheck.lint import facts_schemas

ROOT = Path(__file__).resolve().parents[1]
BENCHMARK = ROOT / "plugins/hostcheck_builtin/benchmark"


def benchmark() -> dict[Path, str]:
    """Return the compiled benchmark and its examples; exits with what is wrong with them."""
    source, schemas = Source(str(BENCHMARK)), facts_schemas(registry.load())
    document = compiled(source)
    if wrong := check(source, document, schemas):
        sys.exit("\n".join(wrong))
    made = {"": document, ".examples": shown_examples(source, document, schemas)}
    return {BENCHMARK / f"{document['id']}{kind}.json": written_out(one).decode() for kind, one in made.items()}


def rules(examples: dict[str, dict[str, dict[str, object]]]) -> dict[Path, str]:
    """Return the page of each rule, and their list."""
    found = load(str(BENCHMARK / "container-host.json"), shipped=True)
    chosen = {name: [profile for profile in sorted(found.profiles) if name in selection(found, profile)[0]] for name in found.rules}
    pages = {f"{name}.md": page(found, name, chosen[name], examples.get(name, {})) for name in found.rules}
    return {ROOT / "docs/rules" / name: text for name, text in {**pages, "README.md": index(found)}.items()}


def write(made: dict[Path, str], *, dry: bool) -> list[Path]:
    """Write what differs, and return it; with `dry` only return it."""
    changed = [path for path, text in made.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    for path in [] if dry else changed:
        path.parent.mkdir(exist_ok=True)
        path.write_text(made[path], encoding="utf-8")
    return changed


def main() -> int:
    """Make everything anew, each after what it follows from."""
    import json

    dry = "--check" in sys.argv[1:]
    changed = write(benchmark(), dry=dry)
    examples = json.loads((BENCHMARK / "container-host.examples.json").read_text(encoding="utf-8"))["rules"]
    pages = rules(examples)
    changed += write(pages, dry=dry)
    stale = [path for path in (ROOT / "docs/rules").glob("*.md") if path not in pages]
    for path in [] if dry else stale:
        path.unlink()
    print("".join(f"{path.relative_to(ROOT)}\n" for path in [*changed, *stale]) or "everything is current\n", end="")
    return bool(dry and (changed or stale))


if __name__ == "__main__":
    sys.exit(main())
