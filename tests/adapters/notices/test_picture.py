"""The picture as people get it: a real PNG, decoded again."""

import json
import struct
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from PIL import Image, ImageChops, ImageColor

from pipeline.adapters.notices import picture as drawing
from pipeline.adapters.notices.picture import SIGNATURE, NotShown, draw
from pipeline.domain.week_picture import STRETCHES, WeekLine, WeekMark, WeekPicture
from pipeline.render.week_chart import COLOURS, HEIGHT, PAPER, WIDTH
from tests.domain.test_week_picture import HOUR, PICTURE, SINCE, UNTIL
from tests.needs import ROOT

pytestmark = pytest.mark.processes

SHOWN = ROOT / "docs" / "images" / "week.png"
ACROSS = (250, 450, 600, 700)
"""Columns of the plot."""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("picture") / "week.png"
    draw(PICTURE, path)
    return path


def heights(path: Path, colour: str) -> list[float]:
    """Where a line of that colour runs in each of these columns."""
    wanted = ImageColor.getrgb(colour)
    with Image.open(path) as image:
        pixels = image.convert("RGB")
    found = []
    for x in ACROSS:
        own = [y for y in range(HEIGHT) if near(pixels.getpixel((x, y)), wanted)]
        assert own, f"nothing of {colour} in column {x}"
        found.append(sum(own) / len(own))
    return found


def near(pixel: object, wanted: tuple[int, ...]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(one - other) <= 8 for one, other in zip(pixel, wanted, strict=True))


def chunks(content: bytes) -> Iterator[bytes]:
    """The names of a PNG's parts (RFC 2083, 3.2)."""
    at = len(SIGNATURE)
    while at < len(content):
        length, name = struct.unpack_from(">I4s", content, at)
        yield name
        at += 12 + length


def test_it_is_a_light_picture_of_a_size_that_a_phone_shows(drawn: Path) -> None:
    with Image.open(drawn) as image:
        image.load()
        assert (image.format, image.size) == ("PNG", (WIDTH, HEIGHT))
        pixels = image.convert("RGB")
    assert {pixels.getpixel(spot) for spot in ((0, 0), (WIDTH - 1, 0), (0, HEIGHT - 1))} == {ImageColor.getrgb(PAPER)}
    assert drawn.stat().st_size < 100_000


def test_who_earned_goes_up_and_who_lost_goes_down(drawn: Path) -> None:
    up, down = heights(drawn, COLOURS[0]), heights(drawn, COLOURS[1])
    assert up == sorted(up, reverse=True)
    assert down == sorted(down)
    assert up[0] - up[-1] > 60
    assert down[-1] - down[0] > 35
    assert down[0] > up[0]


def test_it_holds_pixels_and_no_words(drawn: Path) -> None:
    assert set(chunks(drawn.read_bytes())) == {b"IHDR", b"PLTE", b"IDAT", b"IEND"}


def test_the_documentation_shows_a_picture_as_it_is_drawn(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Drawn anew with --update-golden."""
    if request.config.getoption("--update-golden"):
        draw(sample(), SHOWN)
    draw(sample(), tmp_path / "week.png")
    with Image.open(SHOWN) as shown, Image.open(tmp_path / "week.png") as made:
        difference = ImageChops.difference(shown.convert("L"), made.convert("L"))
    others = sum(difference.histogram()[64:])
    assert others < WIDTH * HEIGHT / 500, "draw it anew with --update-golden"


def sample() -> WeekPicture:
    """A week with all that there is to see."""
    lines = tuple(
        WeekLine(strategy, tuple(None if hour in hole else walk for hour, walk in enumerate(walked(strategy, drift))))
        for strategy, drift, hole in (
            ("dip_buyer", -0.0006, range(0)),
            ("ema_cross", 0.0006, range(0)),
            ("range_fade", 0.0001, range(0)),
            ("rsi_band", 0.0002, range(100, 107)),
        )
    )
    marks = ((33, "ema_cross", "deployed"), (52, "dip_buyer", "deployed"), (118, "dip_buyer", "braked"))
    told = tuple(
        WeekMark(SINCE + hours * HOUR, strategy, kind)
        for hours, strategy, kind in (*marks, (133, "dip_buyer", "rolled_back"))
    )
    return WeekPicture("sandbox", SINCE, UNTIL, lines, told)


def walked(strategy: str, drift: float) -> Iterator[float]:
    dice, at = Random(f"{strategy}b"), 0.0
    for _ in range(STRETCHES):
        at += dice.gauss(drift, 0.0022) if dice.random() < 0.35 else 0.0
        yield round(at, 7)


def test_whatever_a_file_says_a_picture_comes_of_it_or_a_reason(tmp_path: Path) -> None:
    draw(replace(PICTURE, lines=(WeekLine("\u202e\ud7ff☃ <b>", (0.0, None, 1e9)),)), tmp_path / "odd.png")
    with pytest.raises(NotShown, match="what draws it ended with 1"):
        draw(replace(PICTURE, until=PICTURE.since), tmp_path / "none.png")


def test_without_pillow_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "CHILD", f"import sys; sys.modules['PIL'] = None; {drawing.CHILD}")
    with pytest.raises(NotShown, match="Pillow is not installed"):
        draw(PICTURE, tmp_path / "week.png")


def test_one_that_draws_for_ever_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "CHILD", "import threading; threading.Event().wait()")
    with pytest.raises(NotShown, match="not drawn within 1 s"):
        draw(PICTURE, tmp_path / "week.png", seconds=1.0)


@pytest.mark.parametrize("left", [b"", b"GIF89a"])
def test_what_is_no_picture_is_not_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: bytes) -> None:
    answer = json.dumps({"problem": ""})
    child = f"import sys; open(sys.argv[1], 'wb').write({left!r}); print({answer!r})"
    monkeypatch.setattr(drawing, "CHILD", child.replace("{", "{{").replace("}", "}}"))
    with pytest.raises(NotShown, match="what was drawn is no picture"):
        draw(PICTURE, tmp_path / "week.png")


def test_where_there_is_no_folder_for_it_that_is_a_reason(tmp_path: Path) -> None:
    with pytest.raises(NotShown, match="what draws it ended with 1"):
        draw(PICTURE, tmp_path / "gone" / "week.png")


def test_nobody_who_watches_carries_what_draws() -> None:
    code = (
        "import sys, pipeline.adapters.notices.sender, pipeline.adapters.notices.delivery; print('PIL' in sys.modules)"
    )
    done = drawing.run((sys.executable, "-c", code), timeout_seconds=120.0)
    assert done.out == "False\n", done.err
