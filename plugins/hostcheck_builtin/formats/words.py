"""The words of the page: what each result, verdict, exit code and state of a plugin means.

They stand here and not in the template, which is compiled anew for every report; and so that a test can compare them with the README's tables.
"""

from typing import Final

RESULTS: Final = {
    "fail": ("Failed", "The requirement does not hold. A waiver is shown, and changes nothing about the result."),
    "error": ("Could not be known", "Access was denied, an answer came too late or was too large, or the reader broke. This is not a pass."),
    "unknown": ("Could not be understood", "The host answered nonsense. This is not a pass."),
    "notchecked": ("Not checked", "Nobody looked: the rule is for a person to judge, its probe is missing, or this kind of host cannot answer it."),
    "informational": ("Informational", "The requirement holds, and does not count for a host of this role."),
    "pass": ("Passed", "The requirement holds, and everything that it hangs on was seen."),
    "notapplicable": ("Does not apply", "There is nothing to judge here, for the reason that is given."),
    "notselected": ("Left out", "The profile leaves the rule out: nobody asked."),
}
"""For each result a heading, and what it says; what has to be looked at first stands first."""
VERDICTS: Final = {
    "compliant": "No failure of severity {} or above that nobody waived, and everything that was asked could be known.",
    "noncompliant": "There is a failure of severity {} or above that nobody waived.",
    "inconclusive": "No unwaived failure of severity {} or above, but something could not be known, or a plugin could not be used. This is not a pass.",
}
DISTRUST: Final = "A plugin is not what root allowed: it was not used, and what it would have found is not known."
NOTHING: Final = "Nothing was evaluated, so nothing is known of this host."
EXITS: Final = {
    0: "Compliant: no unwaived failure of severity {} or above, and everything that was asked could be known.",
    1: "Noncompliant: an unwaived failure of severity {} or above. It outranks whatever could not be known.",
    3: "Inconclusive: no such failure, but something that was asked could not be known, or a plugin that was allowed could not be used.",
    4: "Nothing was evaluated.",
    5: "Trust refused: a file or plugin that root must not believe. It outranks every other.",
}
STATUSES: Final = {
    "mismatched": "It is not what its pin says.",
    "refused": "Others than root could have written its files, or they are not what was installed.",
    "broken": "It was allowed, but something of it cannot be used.",
    "ignored": "Nobody allowed it, so it was not loaded.",
}
"""What became of a plugin that was not used, the most alarming first."""
ALLOWED: Final = {
    "built-in": "built-in: it comes with hostcheck",
    "pinned": "pinned: the configuration of root names its version and content",
    "unpinned": "unpinned: this user could have run it anyway",
}
TO_MEND: Final = {"fail": "To mend it", **dict.fromkeys(("error", "unknown", "notchecked"), "If it fails")}
"""What stands before the fix; where nothing has to be fixed, it is left out."""
VERIFY: Final = {"both": "running now, and after reboot"}
"""What a rule judges, where its own word says too little."""
HOST: Final = "the host"
UNLISTED: Final = "what could not be listed"
MANUAL: Final = "The rule is manual: a person has to look."
