"""`hostcheck collect`: the half that runs on the host, with as little code as that needs."""

from argparse import ArgumentParser, Namespace
from typing import Final

from hostcheck import collect
from hostcheck.cli import lock, output
from hostcheck.cli.plugins import config_option, load
from hostcheck.documents import written
from hostcheck.model import HostcheckError, TrustError
from hostcheck.registry import UNTRUSTED

DEADLINE: Final = 10.0
"""Seconds in which a scan answers, unless said otherwise."""
SHARE: Final = 1.0
"""Of the shares that accounts have, unless said otherwise."""
DEEP: Final = 600.0
"""Seconds that whole file systems are looked through for, unless said otherwise."""


def arguments(parser: ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("-o", "--output", default="-", metavar="PATH", help="write the evidence to this file (default: standard output)")
    deadline_option(parser, DEADLINE)
    share_option(parser, SHARE)
    deep_option(parser)
    config_option(parser)


def deadline_option(parser: ArgumentParser, default: float | None) -> None:
    """Add the option that limits the time of a scan; `default` is None where the configuration may set it."""
    text = f"stop reading after this many seconds and report what is known by then (default: {DEADLINE:g})"
    parser.add_argument("--deadline", type=float, default=default, metavar="SECONDS", help=text)


def share_option(parser: ArgumentParser, default: float | None) -> None:
    """Add the option that gives each account more than its share; `default` is None where the configuration may set it."""
    text = f"look at so many times what is usually looked at of one account's things, 1 to 100 (default: {SHARE:g})"
    parser.add_argument("--account-share", type=float, default=default, metavar="TIMES", help=text)


def deep_option(parser: ArgumentParser) -> None:
    """Add the option that has whole file systems looked through."""
    text = f"also look through whole file systems for programs that give root's rights, for at most SECONDS (default: {DEEP:g}) beside --deadline"
    parser.add_argument("--deep", type=float, nargs="?", const=DEEP, default=0.0, metavar="SECONDS", help=text)


def require_limits(args: Namespace) -> None:
    """Raise HostcheckError where the time is too short or too long to read a host, or accounts would have too little or too much."""
    if not 1 <= args.account_share <= 100:
        raise HostcheckError(f"--account-share {str(args.account_share)[:20]}: must be between 1 and 100")
    if not 0.5 <= args.deadline <= 3600:
        raise HostcheckError(f"--deadline {str(args.deadline)[:20]}: must be between 0.5 and 3600 seconds")
    if args.deep and not 1 <= args.deep <= 86400:
        raise HostcheckError(f"--deep {str(args.deep)[:20]}: must be between 1 and 86400 seconds")


def run(args: Namespace) -> int:
    """Collect the evidence of this host and return the exit code."""
    require_limits(args)
    output.require_one_writable(args.output)
    registry = load(args.config)
    with lock.held():
        evidence = collect.finish(collect.start(registry, args.deadline, deep=args.deep, times=args.account_share), registry)
    output.write(args.output, written(evidence))
    return TrustError.exit_code if any(refusal["status"] in UNTRUSTED for refusal in registry.refused) else 0
