"""Messages hold words and nothing that a messenger would follow."""

from datetime import UTC, datetime

import pytest

from pipeline.domain.notices import Notice
from pipeline.render.notices import MOST_CHARACTERS, harmless, illustrated, message
from tests.domain.test_week_picture import PICTURE

AT = datetime(2026, 1, 5, 12, 3, tzinfo=UTC)


def notice(text: str, title: str = "prod: dip") -> Notice:
    return Notice(AT, title, text)


def test_one_notice_is_its_own_message() -> None:
    assert message("prod", [notice("was deployed")]) == ("freqtrain · prod: dip", "was deployed")


def test_several_go_together_with_their_times() -> None:
    told = message("prod", [notice("was deployed"), notice("nobody watches", "prod")], dropped=3)
    assert told == (
        "freqtrain · prod: 2 news",
        "12:03 dip: was deployed\n12:03 nobody watches\n… and 3 more, for which there was no room: freqtrain log prod",
    )


def test_what_finds_no_room_is_counted() -> None:
    _, text = message("prod", [notice("x" * 700) for _ in range(20)])
    assert len(text) < MOST_CHARACTERS + 100
    assert text.endswith("… and 16 more, for which there was no room: freqtrain log prod")


@pytest.mark.parametrize(
    ("hostile", "plain"),
    [
        ("[win](https://evil.example)", "[win] (https: //evil.example)"),
        ("@everyone <@123> <!channel> <b>bold</b>", "@ everyone < @ 123> < !channel> < b>bold< /b>"),
        ("```py\nx```", "'''py\nx'''"),
        ("a\x1b[31mb\u202ec", "a\ufffd[31mb\ufffdc"),
        ("loss < 3 and 2 * 3 * 4 = 24", "loss < 3 and 2 * 3 * 4 = 24"),
    ],
)
def test_hostile_words_are_plain_words(hostile: str, plain: str) -> None:
    assert harmless(hostile) == plain


def test_with_a_picture_go_the_words_without_curves_of_letters() -> None:
    week = Notice(AT, "prod: the week", "dip: 7 trades closed.\n▁▂▃▄▅▆▇█", picture=PICTURE)
    made = illustrated("prod", [week])
    assert made is not None
    assert (made.text, made.picture) == ("dip: 7 trades closed.", PICTURE)
    made = illustrated("prod", [notice("was deployed"), week, notice("·")], 2)
    assert made is not None
    assert made.text == (
        "12:03 dip: was deployed\n12:03 the week: dip: 7 trades closed.\n12:03 dip: ·\n"
        "… and 2 more, for which there was no room: freqtrain log prod"
    )
    assert illustrated("prod", [notice("was deployed")]) is None
