"""The YAML of authors is JSON in another dress: what YAML 1.1 would read otherwise is text, and what JSON cannot say is refused."""

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hostcheck.authoring.strict_yaml import read_yaml
from hostcheck.documents import DocumentError

TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=0x24FF, exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]))


def read(folder: Path, text: str) -> object:
    path = folder / "one.yaml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return read_yaml(str(path))


@pytest.mark.parametrize(
    "word", ["0660", "2.10", "no", "yes", "on", "2022-10-25", "1:30", "0x1f", "1_000", "~", "1e3", ".5", "+1", "True", "NULL", "=", "1.0", "-0"]
)
def test_what_yaml_would_take_for_something_else_is_text(tmp_path: Path, word: str) -> None:
    assert read(tmp_path, f"key: {word}\n") == {"key": -0 if word == "-0" else word}


def test_true_false_null_and_decimal_numbers_are_not_text(tmp_path: Path) -> None:
    assert read(tmp_path, "[true, false, null, 0, -7, 12, 0.5, 'true', \"12\"]") == [True, False, None, 0, -7, 12, 0.5, "true", "12"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\na: 2\n", ":2: the key 'a' appears twice"),
        ("a: &x 1\nb: *x\n", ":1: an anchor or alias"),
        ("a: !!str 1\n", ":1: a tag"),
        ("? [1]\n: 2\n", ":1: a key must be text"),
        ("a: [1\n", "not YAML"),
        ("a: one: two\n", ":1: not YAML: mapping values are not allowed here; quote a text that has a colon"),
        ("a: 1\n---\nb: 2\n", "not YAML"),
        ("[" * 300 + "]" * 300, "nested more than"),
        ("\udcff", "not UTF-8"),
        ("a: \x07\n", "not YAML"),
    ],
)
def test_what_json_cannot_say_is_refused_with_its_place(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(DocumentError) as error:
        read(tmp_path, text)
    assert "one.yaml" in str(error.value) and problem in str(error.value)


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "") is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.recursive(st.none() | st.booleans() | st.integers() | TEXT, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=12))
def test_json_is_read_as_json_reads_it(tmp_path: Path, value: object) -> None:
    assert read(tmp_path, json.dumps(value, ensure_ascii=False)) == value


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(tmp_path: Path, text: str) -> None:
    try:
        read(tmp_path, text)
    except DocumentError:
        return
    yaml.compose(text.encode("utf-8", "surrogatepass"), Loader=yaml.SafeLoader)  # a bare = has a meaning in YAML 1.1 that no loader of Python's knows
