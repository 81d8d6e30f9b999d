from hypothesis import given
from hypothesis import strategies as st

from hostcheck_builtin.root_programs.logrotate_lines import Rotated, read

TEXT = """# a comment {
weekly
su root adm
include /etc/logrotate.d
"/var/log/a b/x.log" /var/log/y/*.log
{
    create 0640 www adm
    postrotate
        # }
        if true; then /opt/reload "$1" {}; fi
    endscript
    rotate 3 }
/srv/z.log { su www www
    prerotate
/opt/before
  endscript # here
}
/only { }
"""


def test_scripts_and_logs() -> None:
    found = read(TEXT)
    assert found.user == "root"
    assert found.scripts == [(9, '        # }\n        if true; then /opt/reload "$1" {}; fi'), (15, "/opt/before")]
    assert found.rotated == [
        Rotated(12, ("/var/log/a", "b/x.log", "/var/log/y/*.log"), "root"),
        Rotated(17, ("/srv/z.log",), "www"),
        Rotated(18, ("/only",), "root"),
    ]
    assert read("/x {\n}", "adm").rotated == [Rotated(2, ("/x",), "adm")]


@given(st.text(alphabet="/su{}# \n'\"a") | st.text())
def test_any_text_is_read(text: str) -> None:
    assert len(read(text).rotated) <= text.count("}")
