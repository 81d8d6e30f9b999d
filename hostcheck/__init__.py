"""Who can become root on this container host, and what stops them?

The version is written here once; setup.cfg reads it from this line.
"""

__version__ = "0.1.0"
