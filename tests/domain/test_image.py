"""The image that a bundle is bound to: named by digest or not at all, and no other is taken."""

import re

import pytest

from pipeline.domain.image import Choice, Image, image_digest, image_for
from pipeline.errors import UsageError

ONE, OTHER, LISTED, GONE = (f"sha256:{digit * 64}" for digit in "1239")
FIRST = Image(f"ghcr.io/o/n@{LISTED}", frozenset({ONE, LISTED}))
SECOND = Image(OTHER, frozenset({OTHER}))
HERE = (SECOND, FIRST)


@pytest.mark.parametrize(("text", "digest"), [("", ""), (ONE, ONE), (f"ghcr.io/o/n@{ONE}", ONE)])
def test_an_image_is_named_by_its_digest_wherever_it_lies(text: str, digest: str) -> None:
    assert image_digest(text) == digest


@pytest.mark.parametrize(
    "text", ["ghcr.io/o/n:main", "latest", f"@{ONE}", ONE[:-1], ONE + "0", ONE.upper(), f"{ONE}\n", f"n@{ONE}@{ONE} "]
)
def test_what_can_move_names_no_image(text: str) -> None:
    with pytest.raises(UsageError, match="names no image by its digest"):
        image_digest(text)


def test_a_bundle_that_was_cut_for_an_image_runs_in_it_whatever_else_is_named() -> None:
    assert image_for((ONE,), HERE, f"n@{OTHER}") == Choice(FIRST)


def test_it_is_found_under_any_of_its_digests() -> None:
    assert image_for((LISTED,), HERE, "").image == FIRST


def test_of_several_that_it_was_cut_for_the_newest_that_is_here_is_taken_and_noted() -> None:
    assert image_for((OTHER, ONE), HERE, "") == Choice(SECOND)
    choice = image_for((GONE, ONE, OTHER), HERE, "")
    assert choice.image == FIRST
    assert f"{GONE}, for which it was cut later, is not on this device" in choice.note


def test_where_none_of_them_is_here_it_runs_in_no_other_and_what_mends_that_is_said() -> None:
    choice = image_for((GONE,), HERE, OTHER)
    assert choice.image is None
    assert f"cut for the image {GONE}, which is not on this device" in choice.problem
    assert f"`docker pull ghcr.io/o/n@{GONE}`" in choice.hint
    assert "docker load" in choice.hint


def test_a_place_to_pull_from_is_named_as_far_as_one_is_known() -> None:
    assert f"`docker pull ghcr.io/x/y@{GONE}`" in image_for((GONE,), HERE, f"ghcr.io/x/y@{OTHER}").hint
    assert f"`docker pull ghcr.io/OWNER/NAME@{GONE}`" in image_for((GONE,), (), "").hint


@pytest.mark.parametrize("otherwise", [ONE, f"ghcr.io/o/n@{LISTED}"])
def test_a_bundle_that_was_cut_for_none_runs_in_what_is_named(otherwise: str) -> None:
    assert image_for((), HERE, otherwise) == Choice(Image(otherwise, FIRST.digests))


@pytest.mark.parametrize(
    ("otherwise", "told", "hint"),
    [
        ("", "no image was named", "FREQTRAIN_IMAGE"),
        ("ghcr.io/o/n:main", "ghcr.io/o/n:main is not named by its digest", "FREQTRAIN_IMAGE"),
        (f"x/n@{GONE}", "is not on this device$", f"docker pull x/n@{GONE}"),
        (f"ghcr.io/o/n@{GONE}", f"what is here of that name is ghcr.io/o/n@{LISTED}", "docker pull"),
        (GONE, "is not on this device$", "make image"),
    ],
)
def test_what_is_named_and_missing_or_of_another_digest_is_refused(otherwise: str, told: str, hint: str) -> None:
    choice = image_for((), HERE, otherwise)
    assert choice.image is None
    assert re.search(told, choice.problem)
    assert hint in choice.hint
