"""Why root takes a file for its own, and the files of a group with their reasons, as facts."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from hostcheck.api import Hole, Json, LimitExceeded, Why, both, incomplete, worst_hole
from hostcheck_builtin.files import searching
from hostcheck_builtin.system import host_places
from hostcheck_builtin.system.bounds import FILES_OF_A_GROUP as STATED
from hostcheck_builtin.system.bounds import FILES_OF_A_GROUP_OF_A_USER as EACH
from hostcheck_builtin.system.bounds import REASONS_OF_A_FILE as USES
from hostcheck_builtin.system.path_walk import WalkedPath

BY_HAND: Final = "/usr/local/"
"""What no package of a distribution may hold (hier(7), Debian policy 9.1.2)."""
SETTINGS: Final = "/etc/"
"""Where what root runs may be a package's, or of this host's own."""


class RootUse(NamedTuple):
    """Why root takes a file for its own: who does that (`by`, as words), what it does with it (`how`), where that is written, and when it happens.

    `via` are the words of what runs the script that names the file, and `at` its place. With `idle` it is certain that nothing does this, with `refused` that
    it is not done while others than root and the user may write the file.
    """

    kind: str
    by: str
    how: str
    place: str
    when: str | Hole
    user: str = "root"
    certain: bool | Hole = True
    via: str = ""
    at: str = ""
    idle: bool = False
    refused: bool = False

    @property
    def key(self) -> str:
        """Return what tells a use from others."""
        return f"{self.place} {self.how} as {self.user}{f', {self.at}' if self.at else ''}"

    def only_if(self, sure: bool | Hole) -> "RootUse":
        """Return the same, certain only where something else is so too."""
        return self._replace(certain=both(self.certain, sure))

    def stated(self) -> dict[str, Json]:
        """State a use."""
        return {fact: value for fact, value in self._asdict().items() if fact not in ("at", "idle") and (value or fact != "refused")}


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class FileGroup:
    """What belongs together: the files that are not root's alone, how many are, and what could not be looked at.

    Of those that are, `places` has what lies at no usual place, and what is run below /usr/local and /etc; `packaged` says of the latter whether a package
    brought it.

    One of a user's has `own`, whose alone a file may be as well, and `most`, how many ways are walked: what a user names takes nothing from others, and what
    is not known of it is not known of that user's.
    """

    entries: dict[str, dict[str, Json] | Hole] = field(default_factory=dict)
    uses: dict[str, dict[str, Json]] = field(default_factory=dict)
    alone: set[str] = field(default_factory=set)
    places: dict[str, dict[str, dict[str, Json]]] = field(default_factory=dict)
    packaged: dict[str, bool | Hole] = field(default_factory=dict)
    many: set[str] = field(default_factory=set)
    counted: Counter[int] = field(default_factory=Counter)
    hole: Hole | None = None
    own: int = 0
    most: int = 0
    looked: int = 0

    def look(self) -> None:
        """Count one more way; raises LimitExceeded where that is too many of one user's."""
        self.looked += 1
        if self.most and self.looked > self.most:
            raise LimitExceeded(f"more than {self.most} files are named by what uid {self.own} runs")

    def lack(self, *values: object) -> None:
        """Note that there may be other files, where one of these is a hole."""
        hole = worst_hole(*values)
        self.hole = worst_hole(self.hole, hole and hole.of(self.own))

    def take(self, path: str, way: WalkedPath | Hole, use: RootUse, opened_by: str = "") -> None:
        """Take a file that is not root's alone, and why it is run; or a hole, which stands for all that may be said of it.

        `opened_by` is the line by which it will not be root's alone after a boot, "" for one that is not now.
        """
        if path not in self.entries and (hole := self._too_many(_whose(way))):
            self.lack(hole)
            return
        if path not in self.entries:
            more = {"opened_by": opened_by} if opened_by else {}
            self.entries[path] = way if isinstance(way, Hole) else {**searching.stated(way), **more}
        uses = self.uses.setdefault(path, {})
        told = uses.get(use.key)
        if len(uses) >= USES and told is None:
            self.many.add(path)
        elif told is None or (use.certain is True and told["certain"] is not True):
            uses[use.key] = use.stated()

    def leave(self, path: str, way: WalkedPath, use: RootUse) -> None:
        """Count a file that is root's alone; one that is surely used is stated unless it lies at a place that is known for that: a container may have it.

        What is run below /usr/local is stated as well, since no package of a distribution brought it, and below /etc, where none may have.
        """
        self.alone.add(path)
        by_hand = use.how == "runs" and way.realpath.startswith((BY_HAND, SETTINGS))
        usual = way.type in ("char", "block") or (host_places.is_usual(way.realpath) and not by_hand)
        if self.own or usual or (way.realpath not in self.places and len(self.places) >= STATED):
            return
        uses = self.places.setdefault(way.realpath, {})
        told = uses.get(use.key)
        if (told is None and len(uses) < USES) or (told is not None and use.certain is True):
            uses[use.key] = use.stated()

    def settings(self) -> dict[str, str]:
        """Return the files below /etc that are run, each with its real path: a package may have brought it."""
        entries = {path: str(entry["realpath"]) for path, entry in self.entries.items() if not isinstance(entry, Hole) and entry["type"] == "file"}
        real = {**entries, **{path: path for path in self.places}}
        used = {**self.uses, **self.places}
        return {path: one for path, one in real.items() if one.startswith(SETTINGS) and any(use["how"] == "runs" for use in used[path].values())}

    def brought(self, path: str, packaged: bool | Hole) -> None:
        """Note whether a package brought a file; what one brought to a usual place, and root alone can change, need not be stated."""
        self.packaged[path] = packaged
        if packaged is True and host_places.is_usual(path):
            self.places.pop(path, None)

    def _too_many(self, whose: int) -> Hole | None:
        """Count one more file behind what is a user's, or nobody's in particular (0)."""
        self.counted[whose] += 1
        if self.counted[whose] <= (EACH if whose else STATED):
            return None
        if whose:
            return Hole(why=Why.LIMIT, message=f"more than {EACH} files behind what uid {whose} controls", owners=(whose,))
        return Hole(why=Why.LIMIT, message=f"more than {STATED} files that others may be able to change")

    def facts(self) -> dict[str, Json]:
        """State the group; where there may be other files, there may be other uses of each.

        But not of a user's, for those that are known are enough; nor where all that is not known is some users': what they make root run is their own way,
        and what lies behind what they control is none of what only root can change.
        """
        anybodys = None if self.hole and self.hole.owners else self.hole
        many = Hole(why=Why.LIMIT, message=f"more than {USES} reasons to run it")
        files: dict[str, Json] = {}
        for path, entry in sorted(self.entries.items()):
            hole = worst_hole(None if self.own else anybodys, many if path in self.many else None)
            files[path] = entry if isinstance(entry, Hole) else {**entry, **self._packaged(path), "uses": incomplete(self.uses[path], hole)}
        if self.own:
            return {"files": incomplete(files, self.hole), "alone": self.hole or len(self.alone)}
        full = Hole(why=Why.LIMIT, message=f"more than {STATED} files of root's alone") if len(self.places) >= STATED else None
        places: dict[str, Json] = {}
        for path, told in sorted(self.places.items()):
            hole = worst_hole(self.hole, many if len(told) >= USES else None)
            places[path] = {**self._packaged(path), "uses": incomplete(told, hole)}
        return {"files": incomplete(files, self.hole), "alone": anybodys or len(self.alone), "places": incomplete(places, worst_hole(self.hole, full))}

    def _packaged(self, path: str) -> dict[str, Json]:
        return {"packaged": self.packaged[path]} if path in self.packaged else {}


def _whose(way: WalkedPath | Hole) -> int:
    """Return who controls what a way leads to, or whose thing stopped it; 0 for root alone, and where that is not one user's."""
    if isinstance(way, Hole):
        return way.owner
    return searching.whose(way)
