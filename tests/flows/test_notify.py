"""Whether people can be told is found out by telling them, each channel by itself."""

from dataclasses import dataclass, field

import pytest

from pipeline.domain.channels import Channels, channels_of
from pipeline.domain.trading import Secret, Secrets
from pipeline.domain.week_picture import week_picture
from pipeline.errors import Refused, ToolFailed
from pipeline.flows.notify import NotifyGround, Tried, channels, tell_each
from pipeline.render.notices import Illustrated
from tests.fakes import FakeClock


@dataclass
class Ground:
    given: Secrets
    kept: Channels = field(default_factory=Channels)
    told: list[str] = field(default_factory=list)
    shown: list[Illustrated] = field(default_factory=list)

    def ground(self) -> NotifyGround:
        return NotifyGround("prod", self.keep, lambda: self.kept, self.forget, self.deliver, FakeClock())

    def keep(self) -> None:
        self.kept = channels_of(self.given)

    def forget(self) -> None:
        self.kept = Channels()

    def deliver(self, _channels: Channels, name: str, _title: str, text: str, shown: Illustrated) -> str:
        if name == "slack":
            raise ToolFailed("the service did not take it")
        self.told.append(f"{name}: {text}")
        self.shown.append(shown)
        return "it takes no pictures" if name == "json" else ""


def test_each_channel_is_told_and_one_that_fails_keeps_no_other_from_it() -> None:
    ground = Ground(Secrets(apprise_url=Secret("slack://x discord://a/b")))
    assert tell_each(ground.ground()) == (Tried("slack", "the service did not take it"), Tried("discord"))
    assert ground.told == ["discord: This is a test: what happens in 'prod' is told here."]


def test_an_example_of_a_week_goes_with_it_and_a_channel_that_lacks_it_is_told_all_the_same() -> None:
    ground = Ground(Secrets(apprise_url=Secret("json://a/b discord://a/b")))
    assert tell_each(ground.ground()) == (Tried("json", lacking="it takes no pictures"), Tried("discord"))
    assert "The picture is an example" in ground.shown[0].text
    week = ground.shown[0].picture
    assert (week.environment, [line.strategy for line in week.lines]) == ("prod", ["example"])
    assert week_picture("prod", week.since, week.until, week.lines, week.marks) == week


def test_without_a_channel_it_says_how_to_give_one() -> None:
    with pytest.raises(Refused, match="nobody is told what happens in 'prod'") as refused:
        channels(Ground(Secrets()).ground())
    assert "freqtrain secrets set prod" in refused.value.hint


def test_an_address_to_be_pinged_alone_cannot_be_told_anything() -> None:
    ground = Ground(Secrets(ping_url=Secret("https://x/y"))).ground()
    assert channels(ground).names == ()
    with pytest.raises(Refused, match="nobody to be told"):
        tell_each(ground)
