"""The token is a file of one's own, and fits as a bearer or as a browser's password."""

import base64
from pathlib import Path

import pytest

from pipeline.adapters.monitor_token import Token, read_token
from pipeline.errors import Refused

WORD = "0123456789abcdef01234567"


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def test_the_token_fits_as_a_bearer_and_as_the_password_of_any_user() -> None:
    token = Token(WORD)
    assert token.fits(f"Bearer {WORD}")
    assert token.fits(basic("me", WORD))
    assert token.fits(basic("", WORD))


@pytest.mark.parametrize(
    "given",
    ["", "Bearer", "Bearer ", f"Bearer {WORD[:-1]}", f"Bearer {WORD}x", WORD, f"Digest {WORD}", "Basic !", "Basic /w==", "Bearer \udcff",
     basic(WORD, ""), basic("me", "ü"), "Basic " + base64.b64encode(WORD.encode()).decode()],
)  # fmt: skip
def test_nothing_else_fits(given: str) -> None:
    assert not Token(WORD).fits(given)


def test_a_file_of_ones_own_with_a_long_word_is_a_token(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(WORD + "\n")
    file.chmod(0o600)
    assert read_token(file).fits(f"Bearer {WORD}")


@pytest.mark.parametrize(
    ("content", "mode", "told"),
    [(WORD, 0o644, "others may read"), ("short", 0o600, "at least 24"), (f"{WORD} {WORD}", 0o600, "at least 24"), ("ü" * 40, 0o600, "printable")],
)  # fmt: skip
def test_a_file_that_others_may_read_or_that_holds_no_such_word_is_refused(
    tmp_path: Path, content: str, mode: int, told: str
) -> None:
    file = tmp_path / "token"
    file.write_text(content)
    file.chmod(mode)
    with pytest.raises(Refused, match=told):
        read_token(file)


def test_a_file_that_is_not_there_is_refused_with_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read") as refused:
        read_token(tmp_path / "none")
    assert "openssl rand" in refused.value.hint
