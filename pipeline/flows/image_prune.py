"""`freqtrain image`: which images this device needs, and for what; those that nothing needs are removed."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.image_needs import Need, bundles_needed, may_board, needs
from pipeline.domain.train.state import EnvironmentState
from pipeline.errors import FreqtrainError, Refused
from pipeline.ports import Bundles, ImageStock


@dataclass(frozen=True, slots=True)
class ImageGround:
    """What decides about images: the environments of a home, its bundles, and the engine. `named` is what FREQTRAIN_IMAGE names, or ""."""

    states: Sequence[EnvironmentState]
    bundles: Bundles
    images: ImageStock
    named: str = ""


def look(ground: ImageGround) -> tuple[Need, ...]:
    """Every image of freqtrain's on this device, the newest first, with what needs it.

    Raises:
        Refused: it cannot be said which image a bundle was cut for, because it is damaged or gone; or the engine may not be asked.
        ToolFailed: the engine does not answer.
    """
    bundles = ground.bundles
    reasons = {digest: list(told) for digest, told in bundles_needed(ground.states).items()}
    try:
        for digest, told in may_board(bundles.get(one) for one in bundles.digests()).items():
            reasons.setdefault(digest, []).extend(told)
        wanted: dict[str, list[str]] = {}
        for digest, sentences in reasons.items():
            for manifest in bundles.get(digest).manifests:
                if manifest.image:
                    wanted.setdefault(manifest.image, []).extend(sentences)
    except FreqtrainError as error:
        told_hint = error.hint or "`freqtrain bundle verify` says more; remove images by hand only"
        raise Refused(f"which images are needed cannot be said: {error.message}", hint=told_hint) from error
    return needs(ground.images.stock(), wanted, ground.named)


def prune(ground: ImageGround) -> tuple[Need, ...]:
    """Keep what bundles need, and remove what nothing needs; returns what was removed.

    Raises:
        Refused: as `look`; nothing was removed.
        ToolFailed: an image could not be removed, or the engine does not answer; those before it are gone.
    """
    found = look(ground)
    for need in found:
        if need.by_bundles:
            ground.images.keep(need.stocked.image)
    gone = tuple(need for need in found if not need.reasons)
    for need in gone:
        ground.images.remove(need.stocked.image)
    return gone
