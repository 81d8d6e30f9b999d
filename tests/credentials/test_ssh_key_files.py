"""What a file with a private key tells, by itself or by what is beside it."""

from pathlib import Path
from typing import Any

import pytest
from credentials.credential_host import access
from credentials.test_probe_root_ssh import STARTS, made
from credentials.test_probe_secrets import DENIED, KEY, OPEN_ROOT

from hostcheck.model import Hole


@pytest.mark.parametrize(("beside", "told"), [({"": ""}, False), ({".pub": "{}"}, True), ({".pub": DENIED}, False)])
def test_a_key_in_another_form_is_told_by_what_is_beside_it(tmp_path: Path, beside: dict[str, Any], told: bool) -> None:
    private, public = made(tmp_path, "-t", "rsa", "-m", "PEM")
    files = {f"{KEY}{end}": text.format(public) if isinstance(text, str) else text for end, text in beside.items() if end}
    found = access({**STARTS, "/root/.ssh/authorized_keys": public, KEY: private, **files}, stats=OPEN_ROOT)["root_keys"][KEY]
    assert (not isinstance(found, Hole) and found["accepted"] is True) is told and (isinstance(found, Hole) or found["certain"] is False)
