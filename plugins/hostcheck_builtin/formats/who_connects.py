"""Who can connect to which engine's socket, as the section `access` of a report says, for the formats that show it.

Of a user's own socket everybody but that user is named; a way that every local user has is said once, of all.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

Document = dict[str, Any]

PEOPLE: Final = {"sockets": "users", "user_sockets": "users_other_than_owner"}


def listening(section: Document) -> Iterator[Document]:
    """Yield each socket on which somebody may listen: ``{path, is_of_user, scope, engine, people}``, with ``{name, ways, kind}`` for each who can connect.

    Engine and scope are "" where they are not known. `kind` is everyone, user, or unseen, which stands for others who
    could not be listed, or for one of whom it is not known.
    """
    holes = {hole["pointer"]: hole for hole in section.get("holes", ())}
    unsure: dict[str, list[tuple[str, Document]]] = {}
    for pointer, hole in holes.items():
        above, _, name = pointer.rpartition("/")
        unsure.setdefault(above, []).append((name.replace("~1", "/").replace("~0", "~"), hole))
    for kind in PEOPLE:
        for path, socket in sorted(section.get(kind, {}).items()):
            if socket.get("listening") is not False:
                yield _socket(kind, path, socket, holes, unsure)


def _socket(kind: str, path: str, socket: Document, holes: Mapping[str, Document], unsure: Mapping[str, list[tuple[str, Document]]]) -> Document:
    at = f"/{kind}/{path.replace('~', '~0').replace('/', '~1')}"
    people = [{"name": "every local user", "ways": "no group is needed", "kind": "everyone"}] if socket.get("everyone") is True else []
    people += [person for _, member in sorted(socket.get(PEOPLE[kind], {}).items()) if (person := _person(member, bool(people)))]
    unseen = [holes[pointer] for pointer in (at, f"{at}/everyone", f"{at}/{PEOPLE[kind]}") if pointer in holes]
    people += [_unsure(name, hole) for name, hole in unsure.get(f"{at}/{PEOPLE[kind]}", ())]
    if unseen:
        people.append({"name": "perhaps others", "ways": f"not known: {unseen[0]['why']}: {unseen[0]['message']}", "kind": "unseen"})
    told = {fact: str(socket.get(fact, "")) for fact in ("engine", "scope")}
    return {"path": path, "is_of_user": kind == "user_sockets", **told, "people": people}


def _unsure(name: str, hole: Document) -> Document:
    """Return somebody of whom it is not known whether that one can connect."""
    return {"name": f"perhaps {name}", "ways": f"not known: {hole['why']}: {hole['message']}", "kind": "unseen"}


def _person(member: Document, is_open: bool) -> Document | None:
    """Return who this is and by which ways; None for a user who has none but that of every local user."""
    ways = [way for way in member.get("why", ()) if not (is_open and way == "any user")]
    return None if is_open and not ways else {"name": member.get("name", f"uid {member.get('uid')}"), "ways": ", ".join(ways), "kind": "user"}
