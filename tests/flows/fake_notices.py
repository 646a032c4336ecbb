"""Whoever tells people elsewhere, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.domain.notices import Notice, Place
from pipeline.domain.week_picture import WeekPicture


@dataclass
class FakeNotices:
    """Keeps what it was told to tell; `at` is how far people were told, None where somebody else tells them."""

    at: Place | None = field(default_factory=Place)
    told: list[str] = field(default_factory=list)
    urgent: list[str] = field(default_factory=list)
    pings: int = 0
    closed: float | None = None
    pictures: list[WeekPicture] = field(default_factory=list)

    def place(self) -> Place | None:
        return self.at

    def tell(self, title: str, text: str) -> None:
        self.told.append(f"{title}: {text}")

    def tell_news(self, notices: Sequence[Notice], place: Place) -> None:
        self.told += [f"{one.title}: {one.text}" for one in notices]
        self.urgent += [f"{one.title}: {one.text}" for one in notices if one.urgent]
        self.pictures += [one.picture for one in notices if one.picture is not None]
        self.at = place

    def all_is_well(self) -> None:
        self.pings += 1

    def close(self, seconds: float) -> None:
        self.closed = seconds
