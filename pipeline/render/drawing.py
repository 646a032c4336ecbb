"""What a picture is made of: shapes in pixels, each with its colour."""

from dataclasses import dataclass

Spot = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through these points."""

    points: tuple[Spot, ...]
    colour: str
    width: float


@dataclass(frozen=True, slots=True)
class Area:
    """A polygon that is filled, with a white rim."""

    points: tuple[Spot, ...]
    colour: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A disc."""

    x: float
    y: float
    radius: float
    colour: str


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text; `x` is its left end, middle or right end, as `anchor` (l, m, r) says, and `y` its middle."""

    x: float
    y: float
    text: str
    size: int
    colour: str
    anchor: str = "l"


Shape = Stroke | Area | Dot | Words
