"""Which image a bundle's bots run in, where they run in containers: the one that its manifest names, by digest."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.errors import UsageError

DIGEST_PATTERN = r"sha256:[0-9a-f]{64}"

IMAGE_FILE = "image.json"
"""Lies in the home of a bot that runs in a container, and names its image. It is no part of `bot.json`, because that is read by the freqtrain inside
the image, which may be an earlier one."""


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


@dataclass(frozen=True, slots=True)
class Image:
    """An image that is on the device."""

    reference: str
    """Names it to the engine, by a digest."""
    digests: frozenset[str]
    """All under which it is known: those of the registries that it came from, of the list or of this machine's member of it, and the engine's
    own id of it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The image that a bot is to run in, with a note where it is not the one that was wished for first; else what speaks against it."""

    image: Image | None = None
    note: str = ""
    problem: str = ""
    hint: str = ""


def image_for(wished: Sequence[str], here: Sequence[Image], otherwise: str) -> Choice:
    """The image in which a bundle's bot is to run on a device.

    A bundle that was cut for images runs in none but these: in the newest that is here, so that a bot which has to come back is not kept down by
    a later wish that nobody has pulled yet.

    Args:
        wished: digests of the images that the bundle was cut for, the newest first; empty where any will do that holds its engine.
        otherwise: names the image for a bundle that was cut for none; "" where nobody named one.
    """
    for number, digest in enumerate(wished):
        if (found := _known(digest, here)) is not None:
            note = f"it runs in the image {digest}: {wished[0]}, for which it was cut later, is not on this device"
            return Choice(found, note if number else "")
    if wished:
        them = " or ".join(wished)
        return Choice(
            problem=f"the bundle was cut for the image {them}, which is not on this device",
            hint=f"`docker pull {_place(otherwise, here)}@{wished[0]}`; an image that was built here and removed comes back from a backup alone "
            "(`docker load`), for another build has another digest: build it, and cut the bundle for that",
        )
    digest = otherwise.rpartition("@")[2]
    if not re.fullmatch(DIGEST_PATTERN, digest):
        return Choice(
            problem=f"the image {otherwise} is not named by its digest"
            if otherwise
            else "no image was named for the containers",
            hint="set FREQTRAIN_IMAGE to NAME@sha256:…, or to the sha256:… of `docker image inspect`",
        )
    if (found := _known(digest, here)) is not None:
        return Choice(Image(otherwise, found.digests))
    others = [one.reference for one in here if "@" in otherwise and _name(one.reference) == _name(otherwise)]
    beside = f": what is here of that name is {', '.join(others)}" if others else ""
    return Choice(
        problem=f"the image {otherwise} is not on this device{beside}",
        hint=f"`docker pull {otherwise}`, or name another"
        if "@" in otherwise
        else "build it here (`make image`), and name it by its digest",
    )


def _known(digest: str, here: Sequence[Image]) -> Image | None:
    return next((image for image in here if digest in image.digests), None)


def _name(reference: str) -> str:
    return reference.partition("@")[0]


def _place(otherwise: str, here: Sequence[Image]) -> str:
    """Where the device's images come from, as far as that shows: by what is named, or by what was pulled."""
    named = [_name(reference) for reference in (otherwise, *(one.reference for one in here)) if "@" in reference]
    return next(iter(named), "ghcr.io/OWNER/NAME")
