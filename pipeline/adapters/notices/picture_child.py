"""Entry point of a process that draws one picture and ends: what draws is no part of every installation, and no watch has to carry it.

It reads one week as JSON, writes the PNG to the path that it is given, and one JSON object (`problem`, empty where the picture is there).
"""

import json
import os
import sys

from pydantic import TypeAdapter

from pipeline.domain.week_picture import WeekPicture
from pipeline.render.drawing import Area, Dot, Shape, Spot, Stroke, Words
from pipeline.render.week_chart import HEIGHT, PAPER, WIDTH, week_chart

FINER = 2
"""It is drawn so many times as large, and made smaller: that is what smooths the lines."""

RIM = 3.0
COLOURS = 128
"""Enough for a few lines and their rims; it makes the file a third as large."""

NOT_INSTALLED = "Pillow is not installed"


def main(path: str) -> None:
    """Draw, and say whether Pillow was there to do it."""
    picture, problem = TypeAdapter(WeekPicture).validate_json(sys.stdin.buffer.read()), ""
    try:
        draw(week_chart(picture), path)
    except ImportError:
        problem = NOT_INSTALLED
    os.write(1, json.dumps({"problem": problem}).encode())


def draw(shapes: tuple[Shape, ...], path: str) -> None:
    """Draw them into a PNG that holds pixels and nothing else; raises ImportError where Pillow, or its letters, are not there."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (WIDTH * FINER, HEIGHT * FINER), PAPER)
    pen = ImageDraw.Draw(image)
    for shape in shapes:
        if isinstance(shape, Stroke):
            pen.line(_finer(shape.points), shape.colour, round(shape.width * FINER), joint="curve")
        elif isinstance(shape, Dot):
            pen.circle((shape.x * FINER, shape.y * FINER), shape.radius * FINER, shape.colour)
        elif isinstance(shape, Area):
            pen.polygon(_finer(shape.points), shape.colour, PAPER, round(RIM * FINER))
    small = image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    pen = ImageDraw.Draw(small)
    for words in (shape for shape in shapes if isinstance(shape, Words)):
        font = ImageFont.load_default(words.size)
        pen.text((words.x, words.y), words.text, words.colour, font, f"{words.anchor}m")
    small.quantize(COLOURS, dither=Image.Dither.NONE).save(path, "PNG", optimize=True)


def _finer(points: tuple[Spot, ...]) -> list[Spot]:
    return [(x * FINER, y * FINER) for x, y in points]


if __name__ == "__main__":
    main(sys.argv[1])
