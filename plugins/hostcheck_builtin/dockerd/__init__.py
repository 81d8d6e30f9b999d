"""The one reader of what dockerd is told: its flags, its daemon.json, which values it takes, and what follows for whoever asks.

It states nothing itself: it has neither a probe nor a rule.
"""
