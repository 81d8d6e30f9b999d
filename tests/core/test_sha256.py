"""A digest is the SHA-256 that everybody computes, whichever module of the interpreter it comes from."""

import hashlib
import subprocess
import sys

import pytest

from hostcheck.sha256 import digest

WITHOUT = "import sys; sys.modules.update(dict.fromkeys(sys.argv[1:])); from hostcheck.sha256 import digest; print(digest(b'a'), '_hashlib' in sys.modules)"


@pytest.mark.parametrize("content", [b"", b"a", bytes(range(256)) * 5000])
def test_a_digest_is_that_of_hashlib(content: bytes) -> None:
    assert digest(content) == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("missing", [[], ["_sha2", "_sha256"]])
def test_openssl_is_loaded_only_where_the_interpreter_has_no_hashes_of_its_own(missing: list[str]) -> None:
    found = subprocess.run([sys.executable, "-c", WITHOUT, *missing], capture_output=True, text=True, check=True).stdout.split()
    assert found == [hashlib.sha256(b"a").hexdigest(), str(bool(missing))]
