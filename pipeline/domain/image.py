"""Which image a bundle's bots run in, where they run in containers: the one that its manifest names, by digest."""

import re
from collections.abc import Collection

from pipeline.errors import UsageError

DIGEST_PATTERN = r"sha256:[0-9a-f]{64}"


def image_digest(text: str) -> str:
    """The digest in `NAME@sha256:…`, or the digest itself; "" where the text is empty.

    Raises:
        UsageError: it names an image by something that can move.
    """
    if not text:
        return ""
    name, at, digest = text.rpartition("@")
    if not re.fullmatch(DIGEST_PATTERN, digest) or (at and not name):
        raise UsageError(
            f"{text!r} names no image by its digest",
            hint="write sha256: and 64 digits, or NAME@sha256:…; the run of the workflow `image` shows it",
        )
    return digest


def against_image(pinned: str, there: Collection[str]) -> tuple[str, ...]:
    """What speaks against running a bundle in an image, in sentences; nothing where it is the one, or where the manifest names none.

    Args:
        pinned: the digest in the bundle's manifest, "" for none.
        there: every digest under which the image is known: those of the registries that it came from, of the list and of this
            machine's member of it, and the engine's own id of it.
    """
    if not pinned or pinned in there:
        return ()
    known = ", ".join(sorted(there)) or "has no digest"
    return (f"the bundle was cut for the image {pinned}, and the one that is set here is another ({known})",)
