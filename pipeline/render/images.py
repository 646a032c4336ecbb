"""Images of a device, and what needs them, to a person and to a program."""

from collections.abc import Iterator, Sequence

from pipeline.domain.canonical import Plain, plain
from pipeline.domain.image_needs import Need
from pipeline.errors import ExitCode


def text(found: Sequence[Need]) -> str:
    """A line for each image, and one for each reason."""
    return "".join(f"{line}\n" for need in found for line in _lines(need)) or "no image of freqtrain is here\n"


def removed(gone: Sequence[Need], planned: bool) -> str:
    """What was removed, or would be."""
    if not gone:
        return "every image that is here is needed\n"
    total = sum(need.stocked.size_bytes for need in gone)
    lines = "".join(f"{_head(need)}\n" for need in gone)
    return f"{lines}{'would be' if planned else 'was'} removed: {_megabytes(total)}, less what other images share with it\n"


def document(found: Sequence[Need]) -> dict[str, Plain]:
    """For programs."""
    images = [
        {
            "id": need.stocked.image.reference,
            "digests": sorted(need.stocked.image.digests),
            "names": list(need.stocked.names),
            "made_at": need.stocked.made_at,
            "size_bytes": need.stocked.size_bytes,
            "needed": list(need.reasons),
        }
        for need in found
    ]
    return {"outcome": ExitCode.DONE.name, "images": plain(images)}


def _lines(need: Need) -> Iterator[str]:
    yield _head(need)
    yield from (f"  {reason}" for reason in need.reasons or ("nothing needs it",))


def _head(need: Need) -> str:
    one = need.stocked
    names = ", ".join(one.names) or "no name"
    return f"{one.image.reference}  {one.made_at:%Y-%m-%d %H:%M}  {_megabytes(one.size_bytes)}  {names}"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB"
