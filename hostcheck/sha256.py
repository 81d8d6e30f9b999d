"""The SHA-256 by which documents, files and plugins are told apart.

By the module of its own that an interpreter has for it, as `random` takes it: `hashlib` loads OpenSSL, which costs each scan 4 ms and 4 MB.
"""

import sys
from importlib import import_module

try:
    sha256 = import_module("_sha2" if sys.version_info >= (3, 12) else "_sha256").sha256
except ImportError:  # an interpreter that was built without hashes of its own
    from hashlib import sha256


def digest(content: bytes) -> str:
    """Return the SHA-256 of `content` in hexadecimal."""
    found: str = sha256(content).hexdigest()
    return found
