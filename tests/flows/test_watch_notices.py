"""Every fact is told once, whoever recorded it and however often the watch is started; the rest is what no ledger holds."""

from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.domain.notice_words import news
from pipeline.domain.notices import Place
from pipeline.domain.train.decisions import Blocked, Cut, DecisionMade, Observed
from pipeline.domain.train.plan import Order
from pipeline.errors import ToolFailed
from pipeline.flows.deploy import deploy
from pipeline.flows.stop import stop
from pipeline.flows.watch import Watching, watch
from pipeline.flows.watch_notices import MOST_AT_ONCE, tell_news, week_of
from pipeline.flows.watch_post import Post
from tests.flows.fake_notices import FakeNotices
from tests.flows.observe_ground import sandbox
from tests.flows.promote_ground import DIP
from tests.flows.road_ground import Crash
from tests.flows.test_watch_rounds import _Held
from tests.flows.watch_ground import BRAKED, NEW, OLD, STRATEGY, Bank, bank, bot_name, with_new

NAME = BRAKED.name
ABOUT = f"{NAME}: {STRATEGY}: "


def post(device: Bank, notices: FakeNotices) -> Post:
    return replace(device.post(), notices=notices)


def told_anew(device: Bank, notices: FakeNotices) -> list[str]:
    """What a watch that has just been started tells."""
    before = len(notices.told)
    Watching(post(device, notices)).round()
    return notices.told[before:]


def known(device: Bank) -> FakeNotices:
    """People were told everything up to now."""
    notices = FakeNotices()
    tell_news(post(device, notices))
    notices.told.clear()
    return notices


def test_a_first_start_tells_the_deployment_that_it_is_started_for_and_no_history(tmp_path: Path) -> None:
    device, notices = bank(tmp_path), FakeNotices()
    assert told_anew(device, notices) == []
    assert notices.at is not None
    assert notices.at.length == len(device.lines)
    device, notices = with_new(tmp_path / "other"), FakeNotices()
    (told,) = told_anew(device, notices)
    assert told.startswith(f"{ABOUT}{NEW.removeprefix('sha256:')[:12]} was deployed by operator")


def test_what_a_person_does_is_told_by_the_watch_once(tmp_path: Path) -> None:
    device = bank(tmp_path)
    notices = known(device)
    stop((STRATEGY,), device.road(), "ada", "a holiday", exits=False)
    assert told_anew(device, notices) == [f"{ABOUT}entries stopped by ada: a holiday"]
    assert told_anew(device, notices) == []
    assert notices.urgent == notices.told


def test_a_brake_is_told_once_though_the_watch_tells_its_log_as_well(tmp_path: Path) -> None:
    device = bank(tmp_path)
    notices = known(device)
    watching = Watching(post(device, notices))
    watching.round()
    device.floating = Decimal(-50)
    watching.round()
    watching.round()
    assert len([line for line in notices.told if "was braked by drawdown_max_ratio" in line]) == 1
    assert notices.told[0].endswith("Entries are stopped, exits go on.")
    assert len([line for line in device.told if "braked by drawdown_max_ratio" in line]) == 1


def test_small_steps_are_told_nobody(tmp_path: Path) -> None:
    device = bank(tmp_path)
    notices = known(device)
    device.road().record(Cut(STRATEGY, NEW, "c" * 40))
    device.road().record(Observed(NAME, STRATEGY, OLD, 1.0, 1))
    tell_news(post(device, notices))
    assert notices.told == []


@pytest.mark.parametrize(
    ("decisions", "told"),
    [
        (["hold", "hold"], []),
        (["promote", "promote", "promote"], ["promote"]),
        (["promote", "hold", "hold", "promote"], ["promote", "hold", "promote"]),
        (["hold", "roll_back", "roll_back"], ["roll back"]),
    ],
)
def test_a_decision_is_told_when_it_is_another_one(tmp_path: Path, decisions: list[str], told: list[str]) -> None:
    device = bank(tmp_path)
    notices = known(device)
    for decision in decisions:
        device.road().record(DecisionMade(NAME, STRATEGY, OLD, decision, ("Because.",), "41 of 123"))
        told_anew(device, notices)
    short = OLD.removeprefix("sha256:")[:12]
    assert notices.told == [f"{ABOUT}{short} {one}: Because. (41 of 123)" for one in told]


def test_a_ledger_that_was_put_in_the_others_place_is_not_told_anew(tmp_path: Path) -> None:
    device = bank(tmp_path)
    notices = known(device)
    notices.at = Place(3, "sha256:of another ledger", notices.at.week if notices.at else "")
    assert [line for line in told_anew(device, notices) if "is not the one" not in line] == []
    assert told_anew(device, notices) == []


def test_much_that_happened_meanwhile_is_told_in_bounds(tmp_path: Path) -> None:
    device = bank(tmp_path)
    notices = known(device)
    for number in range(50):
        device.road().record(Blocked(NAME, f"other{number}", f"sha256:{number:064}", "ada", "no"))
    tell_news(post(device, notices))
    assert len(notices.told) == MOST_AT_ONCE + 1
    assert notices.told[0] == f"{NAME}: 20 more things happened while nobody watched: freqtrain log {NAME} --lines 200"


def test_where_somebody_else_tells_nothing_is_told_and_nothing_remembered(tmp_path: Path) -> None:
    device = with_new(tmp_path)
    notices = FakeNotices(at=None)
    assert told_anew(device, notices) == []


def test_what_no_ledger_holds_is_told_as_it_is_found(tmp_path: Path) -> None:
    device = bank(tmp_path)
    notices = known(device)
    made = post(device, notices)
    made.tell("", "nobody watches: the disk is failing")
    made.tell(STRATEGY, "braked", recorded=True)
    assert notices.told == [f"{NAME}: nobody watches: the disk is failing"]
    assert device.told[-1] == f"{NAME}: {STRATEGY}: braked"


def test_only_a_good_round_is_pinged(tmp_path: Path) -> None:
    device = bank(tmp_path)
    notices = known(device)
    watching = Watching(post(device, notices))
    watching.round()
    assert notices.pings == 1
    device.full_disk = True
    watching.round()
    assert notices.pings == 1


def test_the_end_of_the_watch_tells_what_ended_it_and_sends_what_waits(tmp_path: Path) -> None:
    device = bank(tmp_path)
    notices = known(device)
    watch(post(device, notices), once=True)
    assert notices.closed is not None
    stop((STRATEGY,), device.road(), "ada", "", exits=False)

    class Interrupted(FakeNotices):
        def all_is_well(self) -> None:
            raise KeyboardInterrupt

    last = Interrupted(at=notices.at)
    watch(post(device, last))
    assert last.told == [f"{ABOUT}entries stopped by ada"]
    assert last.closed is not None


def test_a_watch_that_ends_on_a_mistake_says_so_with_its_last_exception(tmp_path: Path) -> None:
    device = bank(tmp_path)
    notices = known(device)

    class Broken:
        def now(self) -> object:
            return device.clock.now()

        def sleep(self, seconds: float) -> None:
            raise KeyError("what nobody thought of")

    made = post(device, notices)
    with pytest.raises(KeyError):
        watch(replace(made, road=replace(made.road, clock=Broken())))  # type: ignore[arg-type]
    assert notices.told[-1] == f"{NAME}: the watch ends by a mistake of its own: KeyError: 'what nobody thought of'"
    assert notices.closed is not None


def test_a_round_that_fails_is_told_and_so_is_that_all_is_well_again(tmp_path: Path) -> None:
    device = bank(tmp_path)
    notices = known(device)

    class Ends(FakeNotices):
        def all_is_well(self) -> None:
            self.pings += 1
            if self.pings == 3:
                raise KeyboardInterrupt

    class Clock:
        """The disk is full from the first pause to the second."""

        pauses = 0

        def now(self) -> object:
            return device.clock.now()

        def sleep(self, seconds: float) -> None:
            self.pauses += 1
            device.full_disk = self.pauses == 1
            device.clock.sleep(seconds)

    last, made = Ends(at=notices.at), post(device, notices)
    watch(replace(made, road=replace(made.road, clock=Clock()), notices=last))  # type: ignore[arg-type]
    assert last.told == [
        f"{NAME}: no space left on device",
        f"{NAME}: the watch is well again: its last round was as it should be",
    ]


def test_on_mondays_the_week_is_summed_up_once(tmp_path: Path) -> None:
    device = bank(tmp_path)
    notices = known(device)
    assert told_anew(device, notices) == []
    device.wait(8 * 86400.0)
    (told,) = [line for line in told_anew(device, notices) if "the week" in line]
    assert told.startswith(
        f"{NAME}: the week: {STRATEGY}: {OLD.removeprefix('sha256:')[:12]}, balance not known, no trade closed."
    )
    assert told.endswith("0 decisions, 0 brakes, 0 roll-backs.")
    device.wait(3600.0)
    assert [line for line in told_anew(device, notices) if "the week" in line] == []


def test_a_week_that_cannot_be_summed_up_is_told_as_that(tmp_path: Path) -> None:
    device = bank(tmp_path)
    notices = known(device)
    device.wait(8 * 86400.0)

    def broken() -> None:
        raise ToolFailed("the observations cannot be read")

    tell_news(replace(post(device, notices), past=broken))
    assert notices.told == [f"{NAME}: the week: it cannot be summed up: the observations cannot be read"]


def test_the_week_has_its_picture_once(tmp_path: Path) -> None:
    ground = sandbox(tmp_path)
    ground.bank.wait(8 * 86400.0)
    notices = known(ground.bank)
    ground.bank.wait(6 * 86400.0)
    for _ in range(2):
        ground.is_watched()
        ground.bank.wait(86400.0)
    made = replace(ground.bank.post(), notices=notices, past=ground.past)
    tell_news(made)
    tell_news(made)
    (picture,) = notices.pictures
    assert [line.strategy for line in picture.lines] == [DIP]


def test_a_picture_that_cannot_be_made_keeps_no_words_back(tmp_path: Path) -> None:
    device = bank(tmp_path)
    notices, asked = known(device), list[int]()
    device.wait(8 * 86400.0)

    def breaks() -> None:
        asked.append(1)
        if len(asked) > 1:
            raise ToolFailed("the observations cannot be read")

    tell_news(replace(post(device, notices), past=breaks))
    (told,) = notices.told
    assert told.endswith("0 decisions, 0 brakes, 0 roll-backs.")
    assert notices.pictures == []


def test_a_week_begins_on_monday_at_six() -> None:
    assert week_of(datetime(2026, 1, 5, 5, 59, tzinfo=UTC)) == "2026-W01"
    assert week_of(datetime(2026, 1, 5, 6, 0, tzinfo=UTC)) == "2026-W02"


def test_a_deployment_while_the_watch_looks_on_is_told_in_its_order(tmp_path: Path) -> None:
    device = bank(tmp_path)
    notices = known(device)
    deploy(Order(STRATEGY, NEW, "ada"), device.road())
    stop((STRATEGY,), device.road(), "ada", "", exits=False)
    told = told_anew(device, notices)
    assert ["was deployed by ada" in told[0], told[1].endswith("entries stopped by ada")] == [True, True]


def test_a_brake_that_rolls_back_is_told_once_each_though_the_watch_dies_in_between(tmp_path: Path) -> None:
    """At every tenth of its calls: what it had recorded by then, the next one tells, and nothing is told again."""
    begun = with_new(tmp_path)
    for number in range(1, 120, 10):
        device = deepcopy(begun)
        notices, begin = known(device), len(device.entries())
        watching = Watching(post(device, notices))
        watching.round()
        device.wait(10)
        device.floating = Decimal(-20)
        device.calls, device.dies_at = 0, (number, True)
        with suppress(Crash):
            watching.round()
        device.dies_at = None
        for _ in range(4):
            device.wait(70)
            told_anew(device, notices)
        held = [f"{one.title}: {one.text}" for one in news(device.entries(), begin, NAME)]
        assert [line for line in notices.told if line in held] == held, number
        assert "was braked by drawdown_max_ratio" in held[0]


def test_a_bot_that_was_given_up_is_told_with_its_reason_and_is_urgent_because_no_ledger_holds_it(
    tmp_path: Path,
) -> None:
    device = bank(tmp_path)
    notices = known(device)
    gone = device.processes[bot_name()]
    gone.alive = gone.reads_database = False
    made = post(device, notices)
    why = "it crashed three times: KeyError: 'rsi'"
    given_up = [replace(bot, gave_up=True, reason=why) for bot in made.road.runtime.running()]
    watching = Watching(replace(made, road=replace(made.road, runtime=_Held(given_up))))
    watching.round()
    watching.round()
    assert notices.told == [f"{ABOUT}{bot_name()} is down and stays down: {why}"]
