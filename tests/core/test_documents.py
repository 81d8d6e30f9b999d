"""Documents that somebody else wrote: read whole, refused by name, never a traceback."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from hostcheck.documents import DocumentError, canonical, parse, published, read, require_kind
from hostcheck.model import HostcheckError

BAD = {
    "empty": (b"", "not JSON"),
    "truncated": (b'{"schema": "hostcheck.report/1", ', "not JSON"),
    "binary": (b"\xff\xfe\x00", "not UTF-8"),
    "brackets": (b"[" * 100_000, "nested too deep"),
    "objects": (b'{"a":' * 100_000, "nested too deep"),
    "nested": (b"[" * 300 + b"]" * 300, "nested more than"),
    "nan": (b'{"a": NaN}', "NaN is not JSON"),
    "twice": (b'{"a": 1, "a": 2}', "the key 'a' appears twice"),
    "digits": (b"1" * 10_000, "not JSON"),
    "list": (b"[]", "not a hostcheck document"),
    "number": (b"1", "not a hostcheck document"),
    "other": (b'{"schema": "hostcheck.evidence/1"}', "not 'hostcheck.report/2'"),
    "version": (b'{"schema": "hostcheck.report/3"}', "this hostcheck reads 'hostcheck.report/2' and 'hostcheck.report/1'"),
    "claim": (b'{"schema": 1}', "not a hostcheck document"),
    "surrogate": (b'{"schema": "hostcheck.report/1", "verdict": "\\ud800"}', "surrogates not allowed"),
    "endless": (b'{"schema": "hostcheck.report/1", "verdict": 1e999}', "Out of range float"),
    "bare": (b'{"schema": "hostcheck.report/1"}', "is a required property"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_documents_are_refused_by_name(tmp_path: Path, name: str) -> None:
    content, words = BAD[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(HostcheckError) as caught:
        read(str(path), "report")
    assert str(path) in str(caught.value) and words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for place, words in (("fifo", "not a regular file"), ("", "is a directory"), ("none", "no such file"), ("a\0b", "null")):
        with pytest.raises(DocumentError, match=words):
            read(f"{tmp_path}/{place}", "report")


@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:1aNn\\u0', max_size=40).map(str.encode))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        found = parse(content, "x")
    except DocumentError:
        return
    canonical(found) if not _surrogates(found) else None


def _surrogates(found: Any) -> bool:
    return "\\ud" in ascii(found)


@pytest.mark.parametrize("kind", ["evidence", "benchmark", "report"])
def test_published_schemas_are_draft_2020_12_and_name_themselves(kind: str) -> None:
    schema = published(f"{kind}-1")
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"].endswith("draft/2020-12/schema")
    assert schema["$id"] == f"hostcheck.{kind}/1"
    with pytest.raises(DocumentError, match="use the version that wrote it"):
        require_kind({"schema": f"hostcheck.{kind}/99"}, kind, "x")
