"""What is kept of an environment's secrets, and what is refused."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from pipeline.config.injected_names import load_names
from pipeline.domain.trading import Secret
from pipeline.domain.trading.kept import Kept
from pipeline.errors import Refused, UsageError
from pipeline.flows.secrets import Ground, asked, keep, remove, standing
from pipeline.render.secrets import standing_document, standing_lines
from tests.fakes import FakeClock
from tests.needs import ROOT


@dataclass
class FakeKeptSecrets:
    """Keeps them in memory."""

    held: dict[str, Kept] = field(default_factory=dict)

    def kept(self) -> Mapping[str, Kept]:
        return self.held

    def change(self, put: Mapping[str, Secret], drop: Collection[str], at: datetime) -> None:
        rest = {name: one for name, one in self.held.items() if name not in drop}
        self.held = rest | {name: Kept(value, at) for name, value in put.items()}


def ground(name: str = "sandbox", **process: str) -> Ground:
    return Ground(load_names(ROOT / "environments" / f"{name}.yml"), FakeKeptSecrets(), process, FakeClock())


def given(**values: str) -> dict[str, Secret]:
    return {name: Secret(text) for name, text in values.items()}


def test_what_is_kept_is_told_by_name_and_time_and_what_is_missing_too() -> None:
    here = ground(EXCHANGE_NAME="kraken")
    assert keep(given(EXCHANGE_ACCESS_KEY="hunter2", DRY_RUN="false"), (), here) == ("EXCHANGE_ACCESS_KEY", "DRY_RUN")
    lines = list(standing_lines("sandbox", standing(here)))
    assert lines[0] == "DRY_RUN                   variable  kept since 2026-01-01 00:00 UTC"
    assert lines[1] == "EXCHANGE_NAME             variable  with this process"
    assert "EXCHANGE_ACCESS_SECRET    secret    missing" in lines
    assert "APPRISE_URL               secret    not set, not needed" in lines
    assert lines[-1].startswith("not here: EXCHANGE_ACCESS_SECRET (the GitHub Environment 'sandbox'")
    assert "hunter2" not in "\n".join(lines) + repr(standing_document("sandbox", standing(here)))


def test_a_name_that_the_file_does_not_list_is_refused_and_nothing_is_kept() -> None:
    here = ground()
    with pytest.raises(Refused) as found:
        keep(given(EXCHANGE_ACCESS_KEY="k", EXCHANGE_ACCES_SECRET="hunter2", hunter3="x"), (), here)
    assert "name 2 of what was handed over is not listed in" in found.value.message
    assert "did you mean 'EXCHANGE_ACCESS_SECRET'?" in found.value.message
    assert "name 3 of" in found.value.message
    assert "hunter" not in found.value.message + found.value.hint
    assert here.store.kept() == {}


def test_names_of_the_command_line_are_checked_all_at_once_before_anybody_is_asked() -> None:
    with pytest.raises(Refused) as found:
        asked(("EXCHANGE_ACCESS_KEYS", "STAKE"), ground())
    first, second = found.value.message.splitlines()
    assert first.endswith("sandbox.yml, did you mean 'EXCHANGE_ACCESS_KEY'?")
    assert second.startswith("STAKE is not listed in")
    assert [one.name for one in asked(("TELEGRAM_TOKEN",), ground())] == ["TELEGRAM_TOKEN"]
    with pytest.raises(UsageError, match="runs no bots"):
        asked((), ground("ci"))


def test_only_what_was_named_is_taken_from_what_is_handed_over() -> None:
    with pytest.raises(Refused, match="is not one of those that were named"):
        keep(given(TELEGRAM_TOKEN="1:a"), ("APPRISE_URL",), ground())


def test_what_no_file_names_any_more_can_be_removed() -> None:
    here = ground()
    here.store.change(given(OLD_KEY="x", DRY_RUN="false"), (), FakeClock().now())
    assert "kept since 2026-01-01 00:00 UTC, and no longer named in the file" in "\n".join(
        standing_lines("sandbox", standing(here))
    )
    with pytest.raises(Refused, match="no OLD_KEYS is kept for 'sandbox' on this device, did you mean 'OLD_KEY'"):
        remove("OLD_KEYS", here)
    remove("OLD_KEY", here)
    assert list(here.store.kept()) == ["DRY_RUN"]
