"""By what an address is reached."""

from typing import Final

EVERY: Final = ("0.0.0.0", "::")
LOOPBACK: Final = ("::1", "localhost")


def reach(address: str) -> str:
    """Say by what an address is reached."""
    if address in EVERY:
        return "every address"
    return "loopback" if address.removeprefix("::ffff:").startswith("127.") or address in LOOPBACK else "one address"
