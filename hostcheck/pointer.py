"""JSON Pointers (RFC 6901): written, split, and as people read them."""

from hostcheck.model import HostcheckError


def join(pointer: str, key: str | int) -> str:
    """Append one reference token to a JSON Pointer (RFC 6901)."""
    name = str(key)
    return f"{pointer}/{name.replace('~', '~0').replace('/', '~1') if '~' in name or '/' in name else name}"


def place(at: str) -> str:
    """Return a place as people read it: probe and JSON Pointer (``sockets/sockets/~1run~1docker.sock``) as names with arrows between."""
    probe, slash, pointer = at.partition("/")
    return " > ".join([probe, *tokens(slash + pointer)])


def tokens(pointer: str) -> list[str]:
    """Split a JSON Pointer (RFC 6901) into its reference tokens."""
    if not pointer:
        return []
    if not pointer.startswith("/"):
        raise HostcheckError(f"{pointer!r} is not a JSON Pointer: one starts with '/' or is empty")
    found = pointer[1:].split("/")
    return [token.replace("~1", "/").replace("~0", "~") for token in found] if "~" in pointer else found
