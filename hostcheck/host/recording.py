"""How a question and its answer are written down, and read again: any bytes, any name and any fault survive it."""

import binascii
import builtins
import dataclasses
import json
from collections.abc import Mapping
from typing import Any, Final

from hostcheck.host import LimitExceeded, Nonsense, Unsupported, owners_of
from hostcheck.host.answers import (
    AclEntry,
    Answer,
    AuditRules,
    Demand,
    FileCapabilities,
    Group,
    Peer,
    Process,
    Stat,
    TcpListener,
    TcpSocket,
    UnixSocket,
    User,
    VsockListener,
)
from hostcheck.model import Hole, Json, OpenArray, Why, incomplete

SCHEMA: Final = "hostcheck.recording/1"
SHAPES: Final[dict[str, Any]] = {
    **{"stat": Stat, "file_capabilities": FileCapabilities, "peer": Peer, "get": Answer, "tcp_demand": Demand},
    **{"process": Process, "processes": Process, "users": User, "user": User, "groups": Group, "group": Group, "unix_sockets": UnixSocket},
    **{"tcp_listeners": TcpListener, "tcp_sockets": TcpSocket, "vsock_listeners": VsockListener, "audit_rules": AuditRules},
}
NOTED: Final = (OSError, Unsupported, LimitExceeded, Nonsense, MemoryError)
FAULTS: Final[Mapping[str, type[Exception]]] = {
    fault.__name__: fault for fault in (*NOTED, *vars(builtins).values()) if isinstance(fault, type) and issubclass(fault, NOTED)
}


def key_of(verb: str, args: Mapping[str, Json]) -> str:
    """Name a question; only its last argument, by name, can hold any text, so that no two questions have one key."""
    return " ".join([verb, *(f"{name}={args[name]}" for name in sorted(args))])


def encode(value: Any) -> Json:
    """Write a value as JSON that any writer can write: what is not UTF-8 goes in base64 (bytes) or as an escaped JSON text (names)."""
    if dataclasses.is_dataclass(value):
        return {field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, OpenArray):
        whose = {"owners": list(value.hole.owners)} if value.hole.owners else {}
        return {"known": [encode(item) for item in value], "why": value.hole.why.value, "unread": encode(value.hole.message), **whose}
    if isinstance(value, list | tuple):
        return [encode(item) for item in value]
    try:
        if isinstance(value, bytes):
            return {"text": value.decode()}
        if isinstance(value, str):
            value.encode()
    except UnicodeDecodeError:
        return {"base64": binascii.b2a_base64(value, newline=False).decode()}
    except UnicodeEncodeError:
        return {"json": json.dumps(value)}
    return value


def decode(value: Json) -> Any:
    """Read a value that `encode` wrote."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"text"}:
        return value["text"].encode()
    if value.keys() == {"base64"}:
        return binascii.a2b_base64(value["base64"])
    if value.keys() == {"json"}:
        return json.loads(value["json"])
    if value.keys() - {"owners"} == {"known", "why", "unread"}:
        hole = Hole(why=Why(value["why"]), message=decode(value["unread"]), owners=tuple(value.get("owners", ())))
        return incomplete(decode(value["known"]), hole)
    return {name: decode(item) for name, item in value.items()}


def _shape(shape: Any, members: dict[str, Any]) -> Any:
    lists = {name: tuple(AclEntry(**one) if isinstance(one, dict) else one for one in item) for name, item in members.items() if isinstance(item, list)}
    return shape(**{**members, **lists})


def write_fault(error: Exception) -> Json:
    """Write an error of a verb: its type, number, message and file name."""
    kind = next(cls.__name__ for cls in type(error).__mro__ if FAULTS.get(cls.__name__) is cls)
    whose = {"owners": list(owners)} if (owners := owners_of(error)) else {}
    if isinstance(error, OSError) and error.errno is not None:
        filename = encode(error.filename) if isinstance(error.filename, str) else None
        return {"type": kind, "errno": error.errno, "message": encode(str(error.strerror)), "filename": filename, **whose}
    return {"type": kind, "errno": None, "message": encode(str(error)), "filename": None, **whose}


def _read_fault(fault: dict[str, Json]) -> Exception:
    kind, number, message, filename = (decode(fault[name]) for name in ("type", "errno", "message", "filename"))
    error = FAULTS[kind](*(word for word in (number, message, filename) if word is not None))
    if owners := fault.get("owners"):
        error.owners = tuple(owners)  # type: ignore[attr-defined]
    return error


def recorded(entry: dict[str, Json]) -> tuple[str, Any]:
    """Read an answer with the key of its question: a value, or the error to raise."""
    verb, key = entry["verb"], key_of(entry["verb"], {name: decode(item) for name, item in entry["args"].items()})
    if "error" in entry:
        return key, _read_fault(entry["error"])
    value, shape = decode(entry["value"]), SHAPES.get(verb)
    if shape is None:
        return key, value
    return key, [_shape(shape, one) for one in value] if isinstance(value, list) else _shape(shape, value)
