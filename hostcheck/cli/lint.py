"""`hostcheck lint`: check documents before anything is judged by them."""

from argparse import ArgumentParser, Namespace
from itertools import islice
from typing import Any, Final

from hostcheck.benchmark import load as load_benchmark
from hostcheck.cli import output, printable
from hostcheck.cli.plugins import config_option, load
from hostcheck.documents import KINDS, DocumentError, kind_of, parse, read_bytes, recognise
from hostcheck.lint import facts_schemas, problems
from hostcheck.model import HostcheckError
from hostcheck.registry import Registry

MOST: Final = 100
"""How many problems of a document are looked for."""


def arguments(parser: ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("documents", nargs="+", metavar="DOC", help="a JSON document: a benchmark, evidence or a report; which of them is detected")
    config_option(parser)


def run(args: Namespace) -> int:
    """Check every document, and return 2 where one has a problem."""
    registry = load(args.config)
    wrong = 0
    for path in args.documents:
        try:
            found = _problems(path, registry)
        except HostcheckError as error:
            found = [str(error)]
        wrong += bool(found)
        output.say("".join(printable(line) + "\n" for line in found or [f"{path}: ok"]))
    return 2 if wrong else 0


def _problems(path: str, registry: Registry) -> list[str]:
    if path.endswith((".yaml", ".yml")):
        raise DocumentError(f"{path}: is YAML; run `hostcheck compile` on its folder, which checks it and makes the document that a scan reads")
    document: Any = parse(read_bytes(path), path)
    kind = kind_of(document)
    if kind is None:
        known = ", ".join(f"hostcheck.{kind}/{major}" for kind, majors in KINDS.items() for major in majors)
        raise DocumentError(f"{path}: not a hostcheck document: its `schema` must be one of {known}")
    if kind != "benchmark":
        recognise(document, kind, path)
        return []
    found = list(islice(problems(load_benchmark(path), facts_schemas(registry)), MOST + 1))
    return found if len(found) <= MOST else [*found[:MOST], f"{path}: there is more; fix these {MOST} first"]
