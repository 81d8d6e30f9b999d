"""Documents that somebody else wrote: read whole, refused by name, never a traceback."""

import copy
import io
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from hostcheck import registry, testing
from hostcheck.documents import PROBES, SIZE, VALUES, DocumentError, canonical, parse, read, require_kind
from hostcheck.model import HostcheckError
from hostcheck.published import problem_of, published

HASH = "0" * 64
SOURCE = {"verb": "stat", "path": "/", "outcome": "ok", "size": 1, "sha256": HASH}
HOLE = {"pointer": "/a", "kind": "value", "why": "denied", "message": ""}
PLUGIN = {
    "distribution": "x",
    "version": "1",
    "sha256": HASH,
    "allowed": "pinned",
    "contributes": {"probes": ["a"], "analyses": [], "benchmarks": [], "formats": []},
}
EVIDENCE = {
    "schema": "hostcheck.evidence/1",
    "tool": {"name": "hostcheck", "version": "1"},
    "plugins": [PLUGIN],
    "refused": [{"distribution": "y", "reason": "r", "status": "ignored"}],
    "target": {"kind": "local", "name": "h"},
    "clock": "2026-01-01T00:00:00Z",
    "euid": 0,
    "capabilities": "1ff",
    "probes": {"p": {"version": 1, "schema_sha256": HASH, "facts": {"a": [1]}, "holes": [HOLE], "sources": [SOURCE]}},
}
REPORTS = [EVIDENCE, json.loads(Path(registry.load().benchmarks[0]).read_bytes()), *testing.example_reports().values()]
"""Valid documents of every kind."""
BAD = {
    "empty": (b"", "not JSON"),
    "truncated": (b'{"schema": "hostcheck.report/1", ', "not JSON"),
    "binary": (b"\xff\xfe\x00", "not UTF-8"),
    "brackets": (b"[" * 100_000, "nested too deep"),
    "objects": (b'{"a":' * 100_000, "nested too deep"),
    "nested": (b"[" * 300 + b"]" * 300, "nested more than"),
    "nan": (b'{"a": NaN}', "NaN is not JSON"),
    "twice": (b'{"a": 1, "a": 2}', "the key 'a' appears twice"),
    "digits": (b"1" * 10_000, "not JSON: a number has too many digits"),
    "list": (b"[]", "not a hostcheck document"),
    "number": (b"1", "not a hostcheck document"),
    "other": (b'{"schema": "hostcheck.evidence/1"}', "not 'hostcheck.report/2'"),
    "version": (b'{"schema": "hostcheck.report/3"}', "this hostcheck reads 'hostcheck.report/2' and 'hostcheck.report/1'"),
    "claim": (b'{"schema": 1}', "not a hostcheck document"),
    "surrogate": (b'{"schema": "hostcheck.report/1", "verdict": "\\ud800"}', "surrogates not allowed"),
    "endless": (b'{"schema": "hostcheck.report/1", "verdict": 1e999}', "1e999 is beyond all bounds"),
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


MUCH = {
    "lists": b"[" + b"[]," * (VALUES // 2) + b"[]]",
    "objects": b"[" + b'{"a":1},' * (VALUES // 5) + b"1]",
    "numbers": b"[" + b"1," * VALUES + b"1]",
}


@pytest.mark.parametrize("name", MUCH)
def test_what_would_take_too_much_memory_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(json, "loads", lambda *_, **__: pytest.fail("it was read"))
    with pytest.raises(DocumentError, match="x: holds more than 16 million values"):
        parse(MUCH[name], "x")


def test_a_file_that_is_too_large_is_refused_by_name_from_standard_input_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(SIZE + 1)
    with pytest.raises(DocumentError, match="large: larger than 128 MiB"):
        read(str(path), "report")
    with path.open("rb") as file:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(file))
        with pytest.raises(DocumentError, match="standard input: larger than 128 MiB"):
            read("-", "report")


def test_evidence_of_very_many_probes_is_refused(tmp_path: Path) -> None:
    probe = {"version": 1, "schema_sha256": "0" * 64, "facts": {}, "holes": [], "sources": []}
    path = tmp_path / "evidence.json"
    path.write_bytes(canonical({"schema": "hostcheck.evidence/1", "probes": {f"p{number}": probe for number in range(PROBES + 1)}}))
    with pytest.raises(DocumentError, match="/probes: tells of 1001 probes, and evidence has at most 1000"):
        read(str(path), "evidence")


@given(st.text() | st.lists(st.text()) | st.dictionaries(st.text(), st.text()))
def test_what_is_written_is_printable_ascii_and_says_the_same(document: Any) -> None:
    written = canonical(document).decode("ascii")
    assert written[:-1].isprintable() and written.endswith("\n") and parse(written.encode(), "x") == document


def test_half_a_character_is_refused_and_a_whole_one_is_read_in_either_form() -> None:
    whole = "\U0001f600"
    assert parse(b'["\\ud83d\\ude00", "\\\\ud83d"]', "x") == parse(f'["{whole}", "\\\\ud83d"]'.encode(), "x") == [whole, "\\ud83d"]
    for text in (b'"\\ud83d"', b'"\\uDE00\\ud83d"', b'{"\\udc80": 1}'):
        with pytest.raises(DocumentError, match="surrogates not allowed"):
            parse(text, "x")


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for place, words in (("fifo", "not a regular file"), ("", "is a directory"), ("none", "no such file"), ("a\0b", "null")):
        with pytest.raises(DocumentError, match=words):
            read(f"{tmp_path}/{place}", "report")


@given(st.sampled_from(REPORTS), st.data())
def test_our_own_predicates_and_jsonschema_agree_on_what_is_valid(document: Any, data: st.DataObject) -> None:
    broken = copy.deepcopy(document)
    here, key = broken, data.draw(st.sampled_from(sorted(broken)))
    for _ in range(data.draw(st.integers(0, 4))):
        if not isinstance(here[key], dict | list) or not here[key]:
            break
        here = here[key]
        key = data.draw(st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here))))
    if data.draw(st.booleans()) and isinstance(here, dict):
        del here[key]
    else:
        here[key] = data.draw(st.sampled_from([None, 1, -1, 1.5, "", "x", "0" * 64, [], {}, True]))
    name = document["schema"].removeprefix("hostcheck.").replace("/", "-")
    problem = problem_of(broken, name)
    assert (problem == "") is Draft202012Validator(published(name)).is_valid(broken)
    assert not problem or problem.startswith("/")


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
