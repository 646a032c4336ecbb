"""Whether people can be told is found out by telling them, each channel by itself."""

from dataclasses import dataclass, field

import pytest

from pipeline.domain.channels import Channels, channels_of
from pipeline.domain.trading import Secret, Secrets
from pipeline.errors import Refused, ToolFailed
from pipeline.flows.notify import NotifyGround, Tried, channels, tell_each


@dataclass
class Ground:
    given: Secrets
    kept: Channels = field(default_factory=Channels)
    told: list[str] = field(default_factory=list)

    def ground(self) -> NotifyGround:
        return NotifyGround("prod", self.keep, lambda: self.kept, self.forget, self.deliver)

    def keep(self) -> None:
        self.kept = channels_of(self.given)

    def forget(self) -> None:
        self.kept = Channels()

    def deliver(self, _channels: Channels, name: str, _title: str, text: str) -> None:
        if name == "slack":
            raise ToolFailed("the service did not take it")
        self.told.append(f"{name}: {text}")


def test_each_channel_is_told_and_one_that_fails_keeps_no_other_from_it() -> None:
    ground = Ground(Secrets(apprise_url=Secret("slack://x discord://a/b")))
    assert tell_each(ground.ground()) == (Tried("slack", "the service did not take it"), Tried("discord"))
    assert ground.told == ["discord: This is a test: what happens in 'prod' is told here."]


def test_without_a_channel_it_says_how_to_give_one() -> None:
    with pytest.raises(Refused, match="nobody is told what happens in 'prod'") as refused:
        channels(Ground(Secrets()).ground())
    assert "freqtrain secrets set prod" in refused.value.hint


def test_an_address_to_be_pinged_alone_cannot_be_told_anything() -> None:
    ground = Ground(Secrets(ping_url=Secret("https://x/y"))).ground()
    assert channels(ground).names == ()
    with pytest.raises(Refused, match="nobody to be told"):
        tell_each(ground)
