"""Looks for a planted secret wherever it could have got to, in whatever form somebody could have written it."""

import base64
import html
import json
import shlex
import subprocess
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from urllib.parse import quote, quote_plus

import psutil

LEAST = 8
"""Characters; a shorter text would be found everywhere by chance."""


@cache
def forms(secret: str) -> frozenset[bytes]:
    """All ways in which a text may be written down: as it is, and escaped for JSON, addresses, pages, shells, Python, in hex and in base64."""
    assert len(secret) >= LEAST
    raw = secret.encode()
    texts = {
        secret,
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        html.escape(secret),
        shlex.quote(secret),
    }
    texts |= {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1]}
    texts |= {json.dumps(text)[1:-1] for text in tuple(texts)}
    texts |= {raw.hex(), raw.hex().upper()}
    found = {text.encode() for text in texts}
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        found |= {_inside(encode, raw, before) for before in range(3)}
    return frozenset(found)


def _inside(encode: object, raw: bytes, before: int) -> bytes:
    """What base64 makes of the secret in the middle of something, without the signs that depend on what stands around it."""
    assert callable(encode)
    whole: bytes = encode(b"\0" * before + raw)
    first = -(-before * 8 // 6)
    return whole[first : (before + len(raw)) * 8 // 6]


def leaks_in(content: bytes, secrets: Iterable[str]) -> bool:
    """Whether any of them stands there, in any form."""
    return any(form in content for secret in secrets for form in forms(secret))


def files_with(folder: Path, secrets: Iterable[str]) -> set[Path]:
    """The files below a folder that hold one of them; what git has packed is unpacked."""
    wanted = tuple(secrets)
    found = set()
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            with suppress(FileNotFoundError):
                content = path.read_bytes()
                if leaks_in(content, wanted) or leaks_in(_unpacked(content), wanted):
                    found.add(path)
    return found | {
        one for one in folder.rglob("*.git") if (one / "objects").is_dir() and leaks_in(_objects(one), wanted)
    }


def processes_with(secrets: Iterable[str]) -> list[str]:
    """The command lines of all processes whose arguments or variables, as far as they can be read, hold one of them."""
    wanted = tuple(secrets)
    return [line for line, content in _processes() if leaks_in(content, wanted)]


def _processes() -> Iterator[tuple[str, bytes]]:
    for one in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            line = " ".join(one.cmdline())
            variables = "\0".join(f"{name}={value}" for name, value in one.environ().items())
            yield line, f"{line}\0{variables}".encode(errors="surrogateescape")


def _unpacked(content: bytes) -> bytes:
    with suppress(zlib.error):
        return zlib.decompress(content)
    with suppress(zlib.error):
        return zlib.decompress(content, wbits=31)
    return b""


def _objects(repository: Path) -> bytes:
    argv = ["git", "--git-dir", str(repository), "cat-file", "--batch", "--batch-all-objects", "--buffer"]
    return subprocess.run(argv, capture_output=True, check=True).stdout
