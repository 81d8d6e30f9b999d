"""dockerd's configuration, beside dockerd itself: a file that it would not start with tells nothing."""

import pytest

from hostcheck.host import Nonsense
from hostcheck.host.memory import MemoryHost
from hostcheck.model import Hole
from hostcheck_builtin.engines import engine_programs
from hostcheck_builtin.system import candidates
from hostcheck_builtin.system.daemon_json import KEYS, daemon_json

PATH = "/etc/docker/daemon.json"
READS = {
    "empty (edge case 15)": b"",
    "null (edge case 15)": b"null",
    "a mark and nothing": b"\xef\xbb\xbf",
    "UTF-16 and nothing": b"\xff\xfe \0",
    "an object": b'{"icc": false}',
    "null for a list": b'{"hosts": null}',
    "a key twice (edge case 16)": b'{"icc": true, "icc": false}',
    "a mark (edge case 14)": b'\xef\xbb\xbf{"icc": false}',
    "UTF-16 (edge case 14)": b"\xff\xfe" + '{"icc": false}'.encode("utf-16-le"),
    "the other UTF-16 (edge case 14)": b"\xfe\xff" + '{"icc": false}'.encode("utf-16-be"),
    "other letters below a key": b'{"log-opts": {"Max-Size": "1"}}',
}
REFUSES = {
    "a list (edge case 15)": b"[]",
    "a comma too many (edge case 18)": b'{"icc": false,}',
    "a comment (edge case 18)": b'{"icc": false} // mine',
    "a comment before (edge case 18)": b'/* mine */ {"icc": false}',
    "two values": b'{"icc": false}{"icc": true}',
    "no number": b'{"max-concurrent-uploads": NaN}',
    **{f"{key} in capitals (edge case 17)": f'{{"{key.upper()}": ""}}'.encode() for key in sorted(KEYS)},
    **{f"{key} as a title (edge case 17)": f'{{"{key.title()}": ""}}'.encode() for key in sorted(KEYS)},
    "a right key and a wrong one (edge case 17)": b'{"icc": false, "Group": "docker"}',
}


@pytest.mark.parametrize("how", READS)
def test_what_dockerd_reads(how: str) -> None:
    assert daemon_json(PATH, READS[how]).get("icc", False) is False
    host = MemoryHost({PATH: READS[how]})
    assert candidates.configured(host, PATH) == {}
    assert not isinstance(engine_programs.configured(host)[PATH], Hole)


@pytest.mark.parametrize("how", REFUSES)
def test_what_dockerd_would_not_start_with_tells_nothing(how: str) -> None:
    host = MemoryHost({PATH: REFUSES[how]})
    with pytest.raises(Nonsense, match="dockerd would not start with it"):
        daemon_json(PATH, REFUSES[how])
    with pytest.raises(Nonsense):
        candidates.configured(host, PATH)
    assert isinstance(engine_programs.configured(host)[PATH], Hole)
