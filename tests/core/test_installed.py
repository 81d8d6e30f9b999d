"""The RECORD of a distribution, whoever wrote it: what of it counts, and that no text of it stops a scan."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.installed import Distribution, Listed, listed, normal, tops

RECORD = """acme/__init__.py,sha256=AAAA==,3
acme/./data/x.json,md5=BBBB,1
acme/__pycache__/__init__.cpython-311.pyc,,
../../../bin/acme,sha256=CCCC,9
/etc/passwd,,
acme/../../other/evil.py,,
acme-1.dist-info/METADATA,sha256=DDDD,2
acme-1.dist-info/INSTALLER,sha256=EEEE,4
acme-1.dist-info/direct_url.json,,
acme-1.dist-info/RECORD,,
other-1.dist-info/RECORD,,
"a,b.py",,
"""


def recorded(folder: Path, text: str) -> Distribution:
    metadata = folder / "acme-1.dist-info"
    metadata.mkdir(exist_ok=True)
    (metadata / "RECORD").write_bytes(text.encode("utf-8", "surrogateescape"))
    return Distribution(name="acme", version="1", site=str(folder), metadata=str(metadata))


def test_what_lies_below_the_site_counts_and_what_an_installer_adds_does_not(tmp_path: Path) -> None:
    one = recorded(tmp_path, RECORD)
    assert [(each.path, each.sha256) for each in listed(one)] == [
        ("a,b.py", ""),
        ("acme-1.dist-info/METADATA", "DDDD"),
        ("acme/__init__.py", "AAAA"),
        ("acme/data/x.json", ""),
        ("other-1.dist-info/RECORD", ""),
    ]
    assert tops(one) == {"acme", "a,b"}


@given(st.lists(st.text(st.sampled_from('ab/.,"\n\r\0_ é') | st.characters(codec="utf-8"), max_size=40) | st.sampled_from(RECORD.split("\n")), max_size=12))
def test_no_text_of_a_record_leads_out_of_the_site(lines: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found: list[Listed] = listed(recorded(Path(folder), "\n".join(lines)))
    for one in found:
        assert one.path and not one.path.startswith("/") and ".." not in one.path.split("/") and "\0" not in one.path
        assert "__pycache__" not in one.path.split("/")


@pytest.mark.parametrize(("name", "same"), [("Acme_Motd", "acme-motd"), ("a..b--c", "a-b-c"), ("-", ""), ("", "")])
def test_names_are_compared_as_the_packaging_specification_says(name: str, same: str) -> None:
    assert normal(name) == same
