import pytest

from pipeline.render.plain import no_commands, plain_text


def test_plain_words_stay_as_they_are() -> None:
    assert plain_text("Größe 12 µ, 比特币 ✓") == "Größe 12 µ, 比特币 ✓"


@pytest.mark.parametrize(
    "character", ["\x1b", "\x07", "\x9b", "\x7f", "\u202e", "\u2066", "\u200b", "\ufeff", "\ud800", "\U000e0041"]
)
def test_a_character_that_acts_or_hides_shows_as_a_replacement(character: str) -> None:
    assert plain_text(f"a{character}b") == "a\ufffdb"


@pytest.mark.parametrize("space", ["\n", "\r\n", "\t", "\v", "\u2028", "\u2029", "\u00a0", "\u3000", "\x85"])
def test_every_kind_of_white_space_becomes_one_space(space: str) -> None:
    assert plain_text(f" a{space}{space}b ") == "a b"


def test_a_long_text_ends_with_an_ellipsis_at_the_limit() -> None:
    assert plain_text("x" * 1_000, 10) == "xxxxxxxxx…"
    assert len(plain_text("\x1b" * 1_000_000, 10)) == 10
    assert plain_text("1234567890", 10) == "1234567890"


@pytest.mark.parametrize(
    "line",
    ["::error::x", "  ::set-output name=a::b", "told\n::add-mask::x", "told\r::stop-commands::x", "a ##[error]x"],
)
def test_no_line_is_a_workflow_command(line: str) -> None:
    for printed in no_commands(line).replace("\r", "\n").splitlines():
        assert not printed.strip().startswith("::")
        assert "##[" not in printed


def test_colons_inside_a_line_stay() -> None:
    assert no_commands("test_strategy.py::test_trend failed") == "test_strategy.py::test_trend failed"
