"""The one reader of sudoers(5) and doas.conf(5): which files count, and the entries in them, as sudo's and doas' own parsers take them.

It states nothing itself: it has neither a probe nor a rule.
"""
