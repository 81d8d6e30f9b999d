"""The laws state a probe's facts thousands of times from almost the same answers: what a script of the shell names is worked out once for each text."""

from collections.abc import Iterator
from typing import Any

import pytest

from hostcheck_builtin.shell import shell_text


@pytest.fixture(autouse=True, scope="session")
def scripts_are_read_once() -> Iterator[None]:
    """Remember what each script names; what raises is tried again."""
    kept: dict[Any, list[Any]] = {}
    with pytest.MonkeyPatch.context() as patch:
        read = shell_text.named

        def named(text: str, variables: dict[str, str] | None = None, folder: str = "", **more: int) -> list[Any]:
            key = (text, tuple(sorted((variables or {}).items())), folder, *more.items())
            if key not in kept:
                kept[key] = read(text, variables, folder, **more)
            return list(kept[key])

        patch.setattr(shell_text, "named", named)
        yield
