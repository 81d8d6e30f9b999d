"""storage.conf: of whose ids containers with --userns=auto are given some; the file of /etc takes the place of the vendor's."""

from typing import Final

from hostcheck.api import Json
from hostcheck_builtin.podman import toml_file
from hostcheck_builtin.podman.folders import File, Files

NAME: Final = "storage.conf"
KEY: Final = "root-auto-userns-user"


def read(system: Files, vendor: Files) -> File | None:
    """Return the file that counts for root, None where there is none."""
    return system.file(NAME) or vendor.file(NAME)


def stated(file: File | None) -> dict[str, Json]:
    """State whose subordinate ids root's Podman takes for --userns=auto, "" where the file does not say."""
    if file is None:
        return {"file": "", "auto_user": ""}
    path, raw = file
    options = toml_file.table(path, toml_file.table(path, toml_file.document(path, raw), "storage"), "options")
    return {"file": path, "auto_user": toml_file.text(path, options, KEY) or ""}
