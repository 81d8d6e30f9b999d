"""Which privilege a scan lacked: what was denied, and the rules that would have had an answer."""

from typing import Any, Final

Document = dict[str, Any]

AS_ROOT: Final = "Run as root"
AS_MORE: Final = "Run outside of containers and with all capabilities"
"""What else root may lack: /proc of another user namespace, a capability, what a security module keeps."""


def missing_right(report: Document) -> Document | None:
    """Return ``{how, rules, denied}``: how to scan instead, which rules that would answer, and a sentence on what was denied; None where nothing was."""
    euid, denied = report["host"]["euid"], sum(hole["why"] == "denied" for hole in report["holes"])
    rules = sorted({finding["rule"] for finding in report["findings"] if any(hole["why"] == "denied" for hole in finding["holes"])})
    if not rules and (euid == 0 or not denied):
        return None
    who = "root" if euid == 0 else f"user id {euid}"
    facts = f"{denied} {'fact was' if denied == 1 else 'facts were'} denied to {who}."
    return {"how": AS_ROOT if euid else AS_MORE, "rules": rules, "denied": facts}
