"""The words of the page: what each result, verdict, exit code and state of a plugin means.

They stand here and not in the template, which is compiled anew for every report.
"""

from typing import Final

RESULTS: Final = {
    "fail": ("Failed: these requirements are not met", "Each entry says why, and how to fix it."),
    "error": (
        "Undetermined",
        "Something that the answer depends on could not be read: access was denied, the host answered too late or too much, or a probe crashed. "
        "This is not a pass.",
    ),
    "unknown": ("Undetermined: the host's answer makes no sense", "What the host answered cannot be right. This is not a pass."),
    "notchecked": ("Not checked", "Nothing was judged: a person has to judge, a probe is missing, or this kind of host cannot answer."),
    "informational": ("Informational", "The requirement is met, but the rule does not count a pass on such a host."),
    "pass": ("Passed", "The requirement is met, and everything that the answer depends on was read."),
    "notapplicable": ("Not applicable", "There is nothing to judge on this host, for the reason given."),
    "notselected": ("Not selected", "Not part of this profile."),
}
"""For each result a heading, and what it means; what has to be looked at first stands first."""
MEANINGS: Final = {**{result: text for result, (_, text) in RESULTS.items()}, "fail": "The requirement is not met."}
"""What each result means where the results are counted."""
VERDICTS: Final = {
    "compliant": "No failure is rated {}, and nothing that was examined is undetermined.",
    "noncompliant": "There are failures rated {}, so the host is not compliant.",
    "inconclusive": "No failure is rated {}, but something is undetermined or a plugin could not be used. This is not a pass.",
}
CONTAINER: Final = "This is a container, not its host: nothing in this report says who can become root on the host."
"""Stands first where that is so: a reader must not take the one for the other."""
NAMESPACE: Final = "This scan ran in a user namespace, where root is not root of the host and owners are not shown as they are. Run it as root outside of it."
"""Stands first where that is so and no container was named."""
FROM_INSIDE: Final = "To scan the host from a container, install hostcheck on the host in /opt/hostcheck, and run it there from any image that has chroot:"
FROM_INSIDE_RUN: Final = "docker run --rm --privileged --pid host --network host -v /:/host IMAGE chroot /host /opt/hostcheck/bin/hostcheck scan"
DISTRUST: Final = "A plugin is not what root allowed. It was not used, and what it would have found is not known."
NOTHING: Final = "Nothing was evaluated, so this report says nothing about the host."
EXITS: Final = {
    0: "Compliant in what was examined: no failure is rated {}, and nothing is undetermined.",
    1: "Noncompliant: at least one failure is rated {}, even if something else is undetermined.",
    3: "Inconclusive: no failure is rated {}, but something is undetermined, or a plugin that was allowed could not be used.",
    4: "Nothing was evaluated: no rule applies to this host, or the rules that apply need a person.",
    5: "Trust refused: root must not trust a file or a plugin. This outranks every other code.",
}
STATUSES: Final = {
    "mismatched": "It does not match its pin.",
    "refused": "Users other than root could have changed its files, or they are not the files that were installed.",
    "broken": "It was allowed, but part of it cannot be used.",
    "ignored": "Nobody allowed it, so it was not loaded.",
}
"""Why a plugin was not used, the most alarming first."""
ALLOWED: Final = {
    "built-in": "built-in: it comes with hostcheck",
    "pinned": "pinned: root's configuration names its version and its content",
    "unpinned": "unpinned: this user could have run it anyway",
}
ABOUT: Final = {"running now": "the running system", "after reboot": "the system after a reboot", "both": "the running system, also after a reboot"}
"""What a pass is about, by what the rule verifies."""
LEGEND: Final = {"fail": "failed", "error": "undetermined or not checked", "pass": "passed", "notapplicable": "other results"}
"""What the colours of the bars mean, by one result of each."""
OWN_TESTS: Final = "hostcheck"
"""The source of references to hostcheck's own tests."""


def rated(fail_on: str) -> str:
    """Return which failures count: `high or higher`."""
    return fail_on if fail_on == "critical" else f"{fail_on} or higher"
