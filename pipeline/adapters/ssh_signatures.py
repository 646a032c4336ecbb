"""Signatures with SSH keys, as git makes them, through ssh-keygen; and the files that say who may sign."""

import re
import stat
import tempfile
from pathlib import Path

from pipeline.adapters import process
from pipeline.domain.train.approval import NAMESPACE, Signature, Signed
from pipeline.errors import Refused, ToolFailed

TIMEOUT_SECONDS = 60.0
LARGEST_SIGNATURE = 65536
"""Bytes; one by an RSA key of 16384 bits is a twentieth of that."""

PATTERNS = "*?!,"
"""Signs that make a principal of an allowed-signers file stand for more than one person."""

KEY = re.compile(r"\b(AAAA[A-Za-z0-9+/]{20,}={0,3})")
"""A public key in a line of a file of keys."""

KRL = b"SSHKRL\n\x00"
"""How OpenSSH's binary list of revoked keys begins."""


class SshSignatures:
    """Signs and verifies with `ssh-keygen -Y`, for one purpose."""

    def __init__(self, program: str = "ssh-keygen", namespace: str = NAMESPACE) -> None:
        self._program = program
        self._namespace = namespace

    def sign(self, text: str, key: Path) -> str:
        """The signature over a text, with a private key, or with the agent where `key` is a public one.

        Raises:
            ToolFailed: the key is missing, locked or damaged; the message is ssh-keygen's.
        """
        done = self._run(["-Y", "sign", "-f", str(key), "-n", self._namespace], text)
        if done.code != 0 or not done.out:
            raise ToolFailed(
                f"{key} could not sign: {done.err.strip()}", hint="give the private key, or have ssh-agent hold it"
            )
        return done.out

    def verify(self, text: str, signature: str, allowed_signers: bytes, revoked: bytes = b"") -> Signed:
        """Whether the signature is over exactly this text and for this purpose, and whose it is.

        Args:
            text: what was signed.
            signature: as `sign` returns it; nothing where there is none.
            allowed_signers: the content of an allowed-signers file (`man ssh-keygen`), from where nobody who is judged by it can write. A
                key that is listed for several names, or for a pattern, names nobody and does not count: its owner could be the author.
            revoked: the content of a list of revoked public keys, or of a KRL.

        Raises:
            Refused: the list of revoked keys cannot be read.
            ToolFailed: ssh-keygen is not installed or does not end.
        """
        _check_revoked(revoked)
        if not signature.strip():
            return Signed(Signature.MISSING)
        if len(signature) > LARGEST_SIGNATURE:
            return Signed(Signature.INVALID)
        with tempfile.TemporaryDirectory(prefix="freqtrain-approval-") as name:
            return self._verify(text, signature, _Files(Path(name), signature, allowed_signers, revoked))

    def _verify(self, text: str, signature: str, files: "_Files") -> Signed:
        if not self._holds(["check-novalidate", *files.signed], text):
            return Signed(Signature.INVALID)
        found = self._run(["-Y", "find-principals", "-f", files.allowed, "-s", files.signature], "")
        names = {line.strip() for line in found.out.splitlines() if line.strip()} if found.code == 0 else set()
        if len(names) != 1:
            return Signed(Signature.UNKNOWN)
        (name,) = names
        if any(sign in PATTERNS for sign in name) or _shares_its_key(name, files.content):
            return Signed(Signature.UNKNOWN)
        by = ["verify", "-f", files.allowed, "-I", name, *files.signed]
        if not self._holds(by, text):
            return Signed(Signature.UNKNOWN)
        if files.revoked and not self._holds([*by, "-r", files.revoked], text):
            return Signed(Signature.REVOKED)
        return Signed(Signature.VALID, name)

    def _holds(self, arguments: list[str], text: str) -> bool:
        return self._run(["-Y", *arguments, "-n", self._namespace], text).code == 0

    def _run(self, arguments: list[str], text: str) -> process.Completed:
        return process.run([self._program, *arguments], timeout_seconds=TIMEOUT_SECONDS, stdin=text.encode())


def read_protected(path: Path, owner: int = 0) -> bytes:
    """The content of a file that nobody but its owner (root) could have written, nor put in place of another.

    Raises:
        Refused: the file or a folder above it belongs to somebody else, others may write to it, or it is missing.
    """
    place = path.absolute()
    for part in (place, *place.parents):
        try:
            found = part.lstat()
        except OSError as error:
            raise Refused(f"{part} cannot be read: {error.strerror}", hint="put the allowed signers there") from error
        writable = stat.S_IMODE(found.st_mode) & 0o022 and not found.st_mode & stat.S_ISVTX
        kind_fits = stat.S_ISREG(found.st_mode) if part == place else stat.S_ISDIR(found.st_mode)
        if found.st_uid not in (0, owner) or writable or not kind_fits:
            raise Refused(
                f"{part} is not protected: it belongs to user {found.st_uid} with mode {stat.S_IMODE(found.st_mode):o}",
                hint=f"chown root {part} && chmod go-w {part}; symbolic links do not count",
            )
    return place.read_bytes()


class _Files:
    """What ssh-keygen reads: paths as text; `revoked` is empty where no key is."""

    def __init__(self, folder: Path, signature: str, allowed: bytes, revoked: bytes) -> None:
        self.signature = _write(folder / "signature", signature.encode())
        self.content = allowed.decode(errors="replace")
        self.allowed = _write(folder / "allowed", allowed)
        self.revoked = _write(folder / "revoked", revoked) if revoked else ""
        self.signed = ["-s", self.signature]


def _shares_its_key(name: str, allowed: str) -> bool:
    """Whether a key of that name is listed for another name too; ssh-keygen tells only the first."""
    lines = [line.strip() for line in allowed.splitlines() if line.strip() and not line.strip().startswith("#")]
    owners = [(line.split()[0].strip('"'), set(KEY.findall(line))) for line in lines]
    mine = {key for owner, keys in owners if owner == name for key in keys}
    return not mine or any(owner != name and keys & mine for owner, keys in owners)


def _check_revoked(content: bytes) -> None:
    """Refuse what is neither a KRL nor a list of public keys: ssh-keygen passes over lines that it cannot read."""
    if content.startswith(KRL):
        return
    lines = [line.strip() for line in content.decode(errors="replace").splitlines()]
    if any(line and not line.startswith("#") and not KEY.search(line) for line in lines):
        raise Refused(
            "the list of revoked keys cannot be read",
            hint="it holds public keys, one a line, or is a KRL (ssh-keygen -k)",
        )


def _write(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return str(path)
