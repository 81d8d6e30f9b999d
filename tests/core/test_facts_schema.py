"""Facts schemas that refer to definitions in other files."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from hostcheck import registry
from hostcheck.documents import DocumentError
from hostcheck.facts_schema import facts_schema_digest, files_of, load_facts_schema
from hostcheck.parting import FactsError
from hostcheck.schema import check

REFERENCE = re.compile(r'"\$ref": "([^"#]*)#/\$defs/([^"]+)"')
BUILTIN = Path(registry.load().probes["sockets"].facts_schema).parents[1]


def written(folder: Path, name: str, document: Any) -> str:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


def refers(to: str) -> dict[str, Any]:
    return {"type": "object", "properties": {"one": {"$ref": to}}}


def test_what_is_referred_to_comes_with_all_that_it_refers_to(tmp_path: Path) -> None:
    written(tmp_path, "below/base.json", {"$defs": {"mode": {"type": "string"}, "unused": {"type": "null"}}})
    written(tmp_path, "shared.json", {"$defs": {"file": refers("#/$defs/way"), "way": refers("below/base.json#/$defs/mode")}})
    path = written(tmp_path, "domain/facts.json", refers("../shared.json#/$defs/file"))
    whole = {**refers("#/$defs/file"), "$defs": {"file": refers("#/$defs/way"), "way": refers("#/$defs/mode"), "mode": {"type": "string"}}}
    assert load_facts_schema(path) == whole
    check(load_facts_schema(path), path)
    assert [Path(file).name for file in files_of(path)] == ["facts.json", "shared.json", "base.json"]


def test_the_digest_is_that_of_a_schema_in_one_file(tmp_path: Path) -> None:
    written(tmp_path, "shared.json", {"$defs": {"file": {"type": "string", "description": "A path."}}})
    path = written(tmp_path, "facts.json", refers("shared.json#/$defs/file"))
    alone = written(tmp_path, "alone.json", {**refers("#/$defs/file"), "$defs": {"file": {"type": "string"}}})
    other = written(tmp_path, "other.json", {**refers("#/$defs/file"), "$defs": {"file": {"type": "integer"}}})
    assert facts_schema_digest(path) == facts_schema_digest(alone) != facts_schema_digest(other)


def test_a_definition_of_the_same_name_is_refused(tmp_path: Path) -> None:
    written(tmp_path, "shared.json", {"$defs": {"file": {"type": "string"}}})
    path = written(tmp_path, "facts.json", {**refers("shared.json#/$defs/file"), "$defs": {"file": {"type": "null"}}})
    with pytest.raises(FactsError, match=r"shared\.json: /\$defs/file: .*facts\.json has another definition of this name; rename one"):
        load_facts_schema(path)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    written(tmp_path, "shared.json", {"$defs": {"mode": {"type": "string"}}})
    with pytest.raises(FactsError, match=r"shared\.json: has no definition 'file' in its \$defs; there are mode"):
        load_facts_schema(written(tmp_path, "one.json", refers("shared.json#/$defs/file")))
    with pytest.raises(DocumentError, match=r"absent\.json: no such file"):
        load_facts_schema(written(tmp_path, "two.json", refers("absent.json#/$defs/file")))
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    with pytest.raises(DocumentError, match=r"broken\.json: not JSON"):
        load_facts_schema(written(tmp_path, "three.json", refers("broken.json#/$defs/file")))


def test_definitions_that_refer_to_each_other_end(tmp_path: Path) -> None:
    written(tmp_path, "left.json", {"$defs": {"one": refers("right.json#/$defs/two")}})
    written(tmp_path, "right.json", {"$defs": {"two": refers("left.json#/$defs/one")}})
    path = written(tmp_path, "facts.json", refers("left.json#/$defs/one"))
    assert len(files_of(path)) == 3
    with pytest.raises(Exception, match="refers to itself"):
        check(load_facts_schema(path), path)


def test_definitions_are_shared_within_a_domain_and_by_the_domains_at_the_bottom() -> None:
    used = set()
    for path in BUILTIN.glob("*/*.facts.json"):
        for file, name in REFERENCE.findall(path.read_text(encoding="utf-8")):
            target = (path.parent / file).resolve() if file else path
            assert target.parent == path.parent or target.parent.name in ("system", "accounts"), f"{path} refers to {target}"
            used.add((target, name))
    stated = {(path, name) for path in BUILTIN.glob("*/definitions.facts.json") for name in json.loads(path.read_bytes())["$defs"]}
    assert not stated - used
