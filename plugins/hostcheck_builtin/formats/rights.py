"""Which privilege a scan lacked: what was denied, and the rules that would have had an answer."""

from typing import Any, Final

from hostcheck_builtin.formats.words import CONTAINER, NAMESPACE

Document = dict[str, Any]

AS_ROOT: Final = "Run as root"
ABROAD: Final = "Run as root outside of the user namespace"
AS_MORE: Final = "Run outside of containers and with all capabilities"
"""What else root may lack: /proc of another user namespace, a capability, what a security module keeps."""


def notice(host: Document) -> str:
    """Return what stands before everything else, where it was not the host as root sees it that was read."""
    return CONTAINER if host.get("container") else NAMESPACE if host.get("user_namespace") else ""


def reader(host: Document) -> str:
    """Return as whom the facts were read: root of a user namespace is not root."""
    who = "root" if host["euid"] == 0 else f"user id {host['euid']}"
    return f"{who} of a user namespace" if host.get("user_namespace") else who


def missing_right(report: Document) -> Document | None:
    """Return ``{how, rules, denied}``: how to scan instead, which rules that would answer, and a sentence on what was denied; None where nothing was."""
    euid, denied = report["host"]["euid"], sum(hole["why"] == "denied" for hole in report["holes"])
    rules = sorted({finding["rule"] for finding in report["findings"] if any(hole["why"] == "denied" for hole in finding["holes"])})
    if not rules and (euid == 0 or not denied):
        return None
    facts = f"{denied} {'fact was' if denied == 1 else 'facts were'} denied to {reader(report['host'])}."
    return {"how": ABROAD if report["host"].get("user_namespace") else AS_ROOT if euid else AS_MORE, "rules": rules, "denied": facts}
