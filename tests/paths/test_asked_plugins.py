"""What an authorization plugin makes of a path: not known until the site trusts it, and likely then."""

from typing import Any

import pytest
from paths.path_facts import SOCKET, derived, host, people, socket

from hostcheck.api import Hole, View, attempt


@pytest.mark.parametrize(
    ("plugins", "trusted", "strength", "result"),
    [
        ([], [], "certain", True),
        (["opa"], [], "potential", "depends on the authorization plugin opa, whose policy is not read"),
        (["opa"], ["opa"], "likely", False),
        (["opa"], ["other"], "potential", "depends on the authorization plugin opa, whose policy is not read"),
        (["b", "a"], ["a"], "likely", False),
    ],
)
def test_an_authorization_plugin_is_asked_before_a_container_starts(plugins: list[str], trusted: list[str], strength: str, result: Any) -> None:
    facts = host(socket(**people(bob="group x")))
    facts["engines"] = {"sockets": {SOCKET: {"info": {"authorization_plugins": plugins}}}}
    found = derived(facts, trusted_authorization_plugins=trusted)
    assert [path["strength"] for path in found["paths"] if path["principal"] == "user:bob"] == [strength]
    reaches = attempt(lambda: View(found)["principals"]["bob"]["without_password"])
    assert result in reaches.message if isinstance(reaches, Hole) else reaches is result
