"""The one reader of what a shell runs: texts for a shell, scripts, and programs that start others, each as far as its words alone tell.

It states nothing itself: it has neither a probe nor a rule.
"""
