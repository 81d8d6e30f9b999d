"""What several domains read in the same way: files of accounts, processes, mounts, paths, units.

It states nothing itself: it has neither a probe nor a rule.
"""
