"""Signatures by the real ssh-keygen: a good one names its signer; forged, tampered, unknown, misused and revoked ones name nobody."""

import subprocess
from pathlib import Path

import pytest

from pipeline.adapters.ssh_signatures import SshSignatures, read_protected
from pipeline.domain.train.approval import Signature, Signed
from pipeline.errors import Refused, ToolFailed
from tests.needs import program

pytestmark = pytest.mark.processes
TEXT = "freqtrain approval 1\nenvironment: prod\n"


class Keys:
    """Key pairs made for a test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self, name: str) -> Path:
        path = self._folder / name
        argv = [program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(path)]
        subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)
        return path

    @staticmethod
    def public(key: Path) -> str:
        return " ".join(key.with_name(key.name + ".pub").read_text().split()[:2])

    def allowed(self, **who: Path) -> bytes:
        return "".join(f"{name}@example.org {self.public(key)}\n" for name, key in who.items()).encode()


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    program("ssh-keygen")
    return Keys(tmp_path)


@pytest.fixture
def ada(keys: Keys) -> Path:
    return keys.make("ada")


@pytest.fixture
def eve(keys: Keys) -> Path:
    return keys.make("eve")


SSH = SshSignatures()


def test_a_good_signature_names_its_signer(keys: Keys, ada: Path, eve: Path) -> None:
    allowed = keys.allowed(ada=ada, eve=eve)
    assert SSH.verify(TEXT, SSH.sign(TEXT, ada), allowed) == Signed(Signature.VALID, "ada@example.org")
    assert SSH.verify(TEXT, SSH.sign(TEXT, eve), allowed) == Signed(Signature.VALID, "eve@example.org")


def test_a_text_that_was_tampered_with_is_not_what_was_signed(keys: Keys, ada: Path) -> None:
    signature = SSH.sign(TEXT, ada)
    for other in (TEXT.replace("prod", "test"), TEXT + "\n", TEXT.rstrip(), ""):
        assert SSH.verify(other, signature, keys.allowed(ada=ada)) == Signed(Signature.INVALID)


def test_a_key_that_nobody_allowed_names_nobody(keys: Keys, ada: Path, eve: Path) -> None:
    assert SSH.verify(TEXT, SSH.sign(TEXT, eve), keys.allowed(ada=ada)) == Signed(Signature.UNKNOWN)
    assert SSH.verify(TEXT, SSH.sign(TEXT, eve), b"") == Signed(Signature.UNKNOWN)


def test_a_signature_for_another_purpose_does_not_count(keys: Keys, ada: Path) -> None:
    for namespace in ("git", "file"):
        signature = SshSignatures(namespace=namespace).sign(TEXT, ada)
        assert SSH.verify(TEXT, signature, keys.allowed(ada=ada)) == Signed(Signature.INVALID)


def test_a_key_that_is_allowed_for_another_purpose_does_not_count(keys: Keys, ada: Path) -> None:
    only_git = f'ada@example.org namespaces="git" {keys.public(ada)}\n'.encode()
    assert SSH.verify(TEXT, SSH.sign(TEXT, ada), only_git) == Signed(Signature.UNKNOWN)


def test_a_key_whose_time_is_over_does_not_count(keys: Keys, ada: Path) -> None:
    over = f'ada@example.org valid-before="20200101" {keys.public(ada)}\n'.encode()
    assert SSH.verify(TEXT, SSH.sign(TEXT, ada), over) == Signed(Signature.UNKNOWN)


def test_a_key_that_was_revoked_does_not_count(keys: Keys, ada: Path, eve: Path) -> None:
    allowed, signature = keys.allowed(ada=ada, eve=eve), SSH.sign(TEXT, ada)
    assert SSH.verify(TEXT, signature, allowed, keys.public(ada).encode() + b"\n") == Signed(Signature.REVOKED)
    assert SSH.verify(TEXT, signature, allowed, keys.public(eve).encode() + b"\n").signature is Signature.VALID


def test_a_list_of_revoked_keys_that_cannot_be_read_is_refused(keys: Keys, ada: Path) -> None:
    for damaged in (b"\x00damaged", b"# fine\nada\n"):
        with pytest.raises(Refused, match="revoked keys cannot be read"):
            SSH.verify(TEXT, SSH.sign(TEXT, ada), keys.allowed(ada=ada), damaged)
    assert (
        SSH.verify(TEXT, SSH.sign(TEXT, ada), keys.allowed(ada=ada), b"SSHKRL\n\x00cut").signature is Signature.REVOKED
    )


def test_a_binary_list_of_revoked_keys_counts(keys: Keys, ada: Path, eve: Path, tmp_path: Path) -> None:
    krl = tmp_path / "krl"
    argv = [program("ssh-keygen"), "-q", "-k", "-f", str(krl), str(ada.with_name("ada.pub"))]
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)
    allowed = keys.allowed(ada=ada, eve=eve)
    assert SSH.verify(TEXT, SSH.sign(TEXT, ada), allowed, krl.read_bytes()) == Signed(Signature.REVOKED)
    assert SSH.verify(TEXT, SSH.sign(TEXT, eve), allowed, krl.read_bytes()).signature is Signature.VALID


def test_comments_and_a_second_key_of_the_same_person_are_fine(keys: Keys, ada: Path, eve: Path) -> None:
    allowed = (
        b"# who may sign\n\n" + keys.allowed(ada=ada) + f"ada@example.org {keys.public(eve)} old laptop\n".encode()
    )
    for key in (ada, eve):
        assert SSH.verify(TEXT, SSH.sign(TEXT, key), allowed) == Signed(Signature.VALID, "ada@example.org")


@pytest.mark.parametrize("names", ["*@example.org", "ada@example.org,grace@example.org", "?da@example.org"])
def test_a_name_that_stands_for_several_people_names_nobody(keys: Keys, ada: Path, names: str) -> None:
    allowed = f"{names} {keys.public(ada)}\n".encode()
    assert SSH.verify(TEXT, SSH.sign(TEXT, ada), allowed) == Signed(Signature.UNKNOWN)


def test_a_key_with_two_names_names_nobody(keys: Keys, ada: Path) -> None:
    assert SSH.verify(TEXT, SSH.sign(TEXT, ada), keys.allowed(ada=ada, grace=ada)) == Signed(Signature.UNKNOWN)


def test_a_name_that_reads_as_an_option_is_only_a_name(keys: Keys, ada: Path) -> None:
    allowed = f"-n {keys.public(ada)}\n".encode()
    assert SSH.verify(TEXT, SSH.sign(TEXT, ada), allowed) == Signed(Signature.VALID, "-n")


@pytest.mark.parametrize("signature", ["", "  \n"])
def test_no_signature_is_none(keys: Keys, ada: Path, signature: str) -> None:
    assert SSH.verify(TEXT, signature, keys.allowed(ada=ada)) == Signed(Signature.MISSING)


def test_what_is_no_signature_does_not_count(keys: Keys, ada: Path) -> None:
    good = SSH.sign(TEXT, ada)
    middle = len(good) // 2
    swapped = good[:middle] + ("A" if good[middle] != "A" else "B") + good[middle + 1 :]
    for forged in ("yes", good[:100], swapped, "x" * 100_000, good.replace("SSH SIGNATURE", "PGP SIGNATURE")):
        assert SSH.verify(TEXT, forged, keys.allowed(ada=ada)) == Signed(Signature.INVALID)


def test_damaged_allowed_signers_allow_nobody(keys: Keys, ada: Path) -> None:
    for damaged in (b"\x00\xff", b"ada@example.org ssh-ed25519 AAAA\n", b"ada@example.org\n"):
        assert SSH.verify(TEXT, SSH.sign(TEXT, ada), damaged) == Signed(Signature.UNKNOWN)


def test_a_key_that_is_missing_is_told(tmp_path: Path) -> None:
    program("ssh-keygen")
    with pytest.raises(ToolFailed, match="could not sign"):
        SSH.sign(TEXT, tmp_path / "nobody")


def test_a_program_that_is_missing_is_told() -> None:
    with pytest.raises(ToolFailed, match="is not installed"):
        SshSignatures(program="ssh-keygen-that-is-not-there").verify(TEXT, "x", b"")


def test_a_protected_file_is_read(tmp_path: Path) -> None:
    place = tmp_path / "allowed_signers"
    place.write_bytes(b"ada")
    place.chmod(0o644)
    assert read_protected(place, owner=place.stat().st_uid) == b"ada"


def test_a_file_that_others_could_change_is_refused(tmp_path: Path) -> None:
    place, owner = tmp_path / "allowed_signers", tmp_path.stat().st_uid
    with pytest.raises(Refused, match="cannot be read"):
        read_protected(place, owner)
    place.write_bytes(b"ada")
    place.chmod(0o664)
    with pytest.raises(Refused, match="is not protected"):
        read_protected(place, owner)
    place.chmod(0o644)
    link = tmp_path / "link"
    link.symlink_to(place)
    with pytest.raises(Refused, match="is not protected"):
        read_protected(link, owner)
    tmp_path.chmod(0o777)
    with pytest.raises(Refused, match="is not protected"):
        read_protected(place, owner)
