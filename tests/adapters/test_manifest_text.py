"""A bundle's manifest as text: it comes back as it was, or not at all."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.adapters.manifest_text import manifest_text, read_manifest
from pipeline.domain.canonical import canonical
from tests.bundle_samples import manifest
from tests.render.samples import HOSTILE

TEXT = manifest_text(manifest())
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(words, words, st.booleans(), st.sampled_from(["", "0" * 40, "f" * 64]))
def test_what_is_written_is_read_back(title: str, dataset: str, simulated: bool, commit: str) -> None:
    made = manifest(title=title, dataset=dataset, simulated=simulated, commit=commit)
    assert read_manifest(manifest_text(made)) == made
    assert manifest_text(read_manifest(manifest_text(made))) == manifest_text(made)


def test_hostile_words_stay_what_they_are() -> None:
    made = manifest(title=HOSTILE, owner=HOSTILE)
    assert read_manifest(manifest_text(made)) == made


@given(st.integers(min_value=0, max_value=len(TEXT) - 1), st.integers(min_value=1, max_value=255))
def test_no_byte_can_be_changed(at: int, by: int) -> None:
    changed = bytearray(TEXT)
    changed[at] ^= by
    with pytest.raises(ValueError, match=r"is no manifest|was changed"):
        read_manifest(bytes(changed))


@pytest.mark.parametrize(
    "change",
    [
        {"bundle": "sha256:x"},
        {"commit": "HEAD"},
        {"cut_at": "2026-01-01T00:00:00"},
        {"cut_at": "yesterday"},
        {"simulated": "no"},
        {"incumbent": "none"},
        {"schema": 2},
        {"facts": {}},
        {"more": 1},
        {"title": "\ud800"},
    ],
)
def test_another_shape_is_refused(change: dict[str, object]) -> None:
    edited = json.dumps({**json.loads(TEXT), **change}).encode()
    with pytest.raises(ValueError, match="is no manifest"):
        read_manifest(edited)


@pytest.mark.parametrize("text", [b"", b"[]", b"null", b"\xff", b"[" * 100_000, canonical({}), TEXT * 2])
def test_what_is_no_manifest_at_all_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match="is no manifest"):
        read_manifest(text)


def test_an_image_that_is_not_named_is_not_mentioned_and_one_that_is_comes_back() -> None:
    bound = manifest(image="sha256:" + "d" * 64)
    assert b"image" not in TEXT
    assert read_manifest(manifest_text(bound)) == bound
    assert bound.digest != manifest().digest


def test_a_manifest_whose_image_was_taken_out_or_put_in_is_refused() -> None:
    told = json.loads(manifest_text(manifest(image="sha256:" + "d" * 64)))
    without = {name: value for name, value in told.items() if name != "image"}
    for changed in (without, {**json.loads(TEXT), "image": "sha256:" + "d" * 64}, {**json.loads(TEXT), "image": ""}):
        with pytest.raises(ValueError, match=r"is no manifest|was changed"):
            read_manifest(canonical(changed) + b"\n")
