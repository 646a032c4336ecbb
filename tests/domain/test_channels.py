"""Channels have names that anybody may read, and values that nobody may."""

from pipeline.domain.channels import channels_of, without
from pipeline.domain.trading import Secret, Secrets

DISCORD = "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js"


def test_telegram_takes_both_of_its_values() -> None:
    assert channels_of(Secrets(telegram_token=Secret("1:a"))).names == ()
    assert channels_of(Secrets(telegram_token=Secret("1:a"), telegram_chat_id=Secret("7"))).names == ("telegram",)


def test_several_messengers_may_stand_in_one_value_and_are_called_by_their_services() -> None:
    value = f"{DISCORD}  mailto://me:pass@example.org\ndiscord://1/2 nonsense"
    assert channels_of(Secrets(apprise_url=Secret(value))).names == ("discord", "mailto", "discord 2", "apprise")


def test_a_sentence_of_a_plug_in_is_told_without_any_part_of_the_address() -> None:
    found = channels_of(
        Secrets(
            telegram_token=Secret("12345:abcdef"),
            telegram_chat_id=Secret("-100200300"),
            apprise_url=Secret(DISCORD),
            ping_url=Secret("https://ping.example/uuid-uuid"),
        )
    )
    said = f"Failed to POST JHMHI8qBe7bk2ZwO5U711o3dV_js to {DISCORD}, bot12345:abcdef, -100200300, uuid-uuid"
    assert without(said, found.hidden) == "Failed to POST *** to ***, bot***, ***, ***"
