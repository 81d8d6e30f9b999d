"""`hostcheck compile`: make the document that a scan reads from a benchmark that is written in YAML."""

import os
from argparse import ArgumentParser, Namespace

from hostcheck.cli import output, printable
from hostcheck.cli.plugins import config_option, hint, load
from hostcheck.model import HostcheckError


def arguments(parser: ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("folder", metavar="DIR", help="the folder with benchmark.yaml; the compiled document ID.json is written there")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 0 if the compiled documents are current, else with 2")
    config_option(parser)


def run(args: Namespace) -> int:
    """Write the compiled benchmark and its examples, and return 2 where something is wrong with it."""
    from hostcheck.authoring.compile import Source, check, compiled, shown_examples, written_out
    from hostcheck.lint import facts_schemas

    registry = load(args.config)
    source, schemas = Source(args.folder), facts_schemas(registry)
    document = compiled(source)
    if wrong := check(source, document, schemas):
        output.say("".join(f"{printable(line)}{hint(registry) if 'probe or analysis' in line else ''}\n" for line in wrong))
        return 2
    made = {f"{document['id']}.json": written_out(document), f"{document['id']}.examples.json": written_out(shown_examples(source, document, schemas))}
    changed = [name for name, content in made.items() if _differs(os.path.join(args.folder, name), content)]
    if not args.check:
        for name in changed:
            _write(os.path.join(args.folder, name), made[name])
    state = "not current" if args.check else "written"
    output.say("".join(f"{os.path.join(args.folder, name)}: {state if name in changed else 'current'}\n" for name in made))
    return 2 if args.check and changed else 0


def _write(path: str, content: bytes) -> None:
    """Write a document as other files of a source tree are written: with the mode that the author's umask gives."""
    try:
        with open(path, "wb") as file:
            file.write(content)
    except OSError as error:
        raise HostcheckError(f"{path}: cannot be written: {(error.strerror or str(error)).lower()}") from None


def _differs(path: str, content: bytes) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read() != content
    except FileNotFoundError:
        return True
