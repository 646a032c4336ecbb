"""The image that a bundle is bound to: named by digest or not at all, and no other is taken."""

import pytest

from pipeline.domain.image import against_image, image_digest
from pipeline.errors import UsageError

ONE, OTHER = "sha256:" + "1" * 64, "sha256:" + "2" * 64


@pytest.mark.parametrize(("text", "digest"), [("", ""), (ONE, ONE), (f"ghcr.io/o/n@{ONE}", ONE)])
def test_an_image_is_named_by_its_digest_wherever_it_lies(text: str, digest: str) -> None:
    assert image_digest(text) == digest


@pytest.mark.parametrize(
    "text", ["ghcr.io/o/n:main", "latest", f"@{ONE}", ONE[:-1], ONE + "0", ONE.upper(), f"{ONE}\n", f"n@{ONE}@{ONE} "]
)
def test_what_can_move_names_no_image(text: str) -> None:
    with pytest.raises(UsageError, match="names no image by its digest"):
        image_digest(text)


@pytest.mark.parametrize("there", [(ONE,), (OTHER, ONE)])
def test_the_image_that_was_named_is_taken_under_any_of_its_digests(there: tuple[str, ...]) -> None:
    assert against_image(ONE, there) == ()


@pytest.mark.parametrize("there", [(), (OTHER,)])
def test_a_manifest_without_an_image_takes_any(there: tuple[str, ...]) -> None:
    assert against_image("", there) == ()


@pytest.mark.parametrize(("there", "told"), [((OTHER,), OTHER), ((), "has no digest")])
def test_another_image_is_refused_and_both_are_named(there: tuple[str, ...], told: str) -> None:
    (reason,) = against_image(ONE, there)
    assert ONE in reason
    assert told in reason
