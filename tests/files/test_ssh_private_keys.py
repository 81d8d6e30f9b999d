import pytest
from files.ssh_keys import openssh, pem
from hypothesis import given
from hypothesis import strategies as st

from hostcheck.api import Nonsense
from hostcheck_builtin.files.ssh_private_keys import named, protection

PROC_TYPE = b"Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n"


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (openssh(), "none"),
        (openssh().replace(b"\n", b"\r\n"), "none"),
        (b"\n" + openssh(), "none"),
        (openssh(b"aes256-ctr"), "passphrase"),
        (openssh(kind=b"sk-ssh-ed25519@openssh.com"), "hardware"),
        (openssh(b"aes256-ctr", b"sk-ecdsa-sha2-nistp256@openssh.com"), "passphrase"),
        (pem(b"AAAA\n", "RSA "), "none"),
        (pem(b"AAAA\n", "EC ", PROC_TYPE), "passphrase"),
        (pem(b"AAAA\n", "DSA ", PROC_TYPE), "passphrase"),
        (pem(b"AAAA\n"), "none"),
        (pem(b"AAAA\n", head=PROC_TYPE), "none"),
        (pem(b"AAAA\n", "ENCRYPTED "), "passphrase"),
        (b"ssh-ed25519 AAAA ann@here\n", None),
        (b"PuTTY-User-Key-File-3: ssh-ed25519\n", None),
        (b"", None),
    ],
)
def test_what_protects_a_key(raw: bytes, told: str | None) -> None:
    assert protection("/k", raw) == told


@pytest.mark.parametrize("raw", [*(openssh(cut=cut) for cut in (0, 14, 15, 17, 24, 40, 56)), pem(b"A\n", "OPENSSH "), pem(b"", "OPENSSH ")])
def test_a_key_that_ssh_could_not_read_is_not_known(raw: bytes) -> None:
    with pytest.raises(Nonsense, match="^/k: "):
        protection("/k", raw)


@given(
    st.one_of(st.binary(max_size=300), st.binary(max_size=300).map(lambda body: pem(body, "OPENSSH ")), st.integers(0, 200).map(lambda cut: openssh(cut=cut)))
)
def test_whatever_a_file_says(raw: bytes) -> None:
    try:
        assert protection("/k", raw) in (None, "none", "passphrase", "hardware")
    except Nonsense as error:
        assert str(error).startswith("/k: ")


def test_what_the_configuration_names() -> None:
    lines = [
        "Host engine",
        "  IdentityFile ~/.ssh/engine",
        "identityfile=%d/keys/other",
        'IDENTITYFILE = "/home/ann/a b"',
        "IdentityFile ~/.ssh/engine",
        "IdentityFile ~/%h",
        "IdentityFile /etc/key",
        "IdentityFile ~/../bob/key",
        "IdentityFile ~/",
        "IdentityFile none",
        "# IdentityFile ~/x",
        "IdentityAgent ~/agent",
    ]
    assert named("\n".join(lines), "/home/ann") == [".ssh/engine", "keys/other", "a b"]


@given(st.text(max_size=200))
def test_whatever_the_configuration_says(text: str) -> None:
    for path in named(f"IdentityFile ~/{text}\n{text}", "/home/ann"):
        assert not path.startswith("/") and ".." not in path.split("/")
