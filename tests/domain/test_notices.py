"""What waits is bounded, told once, in order, and no more often than people can bear."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.notices import MOST_WAITING, Notice, Outbox, Place

AT = datetime(2026, 1, 5, 12, tzinfo=UTC)


def notice(text: str = "braked", at: datetime = AT, *, urgent: bool = False) -> Notice:
    return Notice(at, "prod: dip", text, urgent)


def outbox(*names: str) -> Outbox:
    return Outbox().with_channels(names or ("telegram",))


def texts(box: Outbox, name: str = "telegram") -> list[str]:
    return [one.text for one in box.to_tell(name)]


def test_what_the_ledger_tells_is_never_taken_for_a_repetition() -> None:
    box = outbox().with_news([notice(), notice()], Place(2, "hash"))
    assert texts(box) == ["braked", "braked"]
    assert box.place == Place(2, "hash")


def test_the_same_words_are_no_news_within_an_hour() -> None:
    box = outbox().with_one(notice()).with_one(notice(at=AT + timedelta(minutes=59)))
    assert texts(box) == ["braked"]
    assert texts(box.with_one(notice(at=AT + timedelta(minutes=61)))) == ["braked", "braked"]


def test_words_that_alternate_are_told_once_each() -> None:
    box = outbox()
    for minute in range(20):
        box = box.with_one(notice(f"problem {minute % 2}", AT + timedelta(minutes=minute)))
    assert texts(box) == ["problem 0", "problem 1"]


def test_each_channel_goes_its_own_way_and_what_all_were_told_is_forgotten() -> None:
    box = outbox("telegram", "slack").with_news([notice("a"), notice("b")], Place(2, "h"))
    box = box.delivered("telegram", 2, AT).failed("slack", "out of reach", AT)
    assert (texts(box, "telegram"), texts(box, "slack")) == ([], ["a", "b"])
    box = box.delivered("slack", 1, AT)
    assert [one.text for one in box.waiting] == ["b"]
    assert box.delivered("slack", 2, AT).waiting == ()


def test_a_new_channel_is_told_what_waits_and_nothing_from_before() -> None:
    box = outbox("telegram").with_news([notice("a")], Place(1, "h")).delivered("telegram", 1, AT)
    box = box.with_news([notice("b")], Place(2, "h")).with_channels(("telegram", "slack"))
    assert texts(box, "slack") == ["b"]


def test_without_a_channel_nothing_waits_but_it_is_remembered_how_far_people_were_told() -> None:
    box = Outbox().with_news([notice()], Place(7, "h")).with_one(notice("x"))
    assert (box.waiting, box.place) == ((), Place(7, "h"))
    assert texts(box.with_channels(("telegram",))) == []


def test_what_fails_is_tried_again_after_a_while_that_doubles_up_to_a_quarter_of_an_hour() -> None:
    box, now, waits = outbox().with_one(notice()), AT, []
    for _ in range(9):
        box = box.failed("telegram", "no answer in time", now)
        due = box.due_at("telegram", now)
        assert due is not None
        waits.append((due - now).total_seconds())
        now = due
    assert waits == [10, 20, 40, 80, 160, 320, 640, 900, 900]
    reach = box.of("telegram")
    assert reach is not None
    assert (reach.failing_since, reach.problem, reach.tries) == (AT, "no answer in time", 9)


def test_a_service_is_left_alone_for_as_long_as_it_asks_but_not_for_a_day() -> None:
    box = outbox().with_one(notice())
    assert box.failed("telegram", "too many", AT, 700.0).due_at("telegram", AT) == AT + timedelta(seconds=700)
    assert box.failed("telegram", "too many", AT, 86400.0).due_at("telegram", AT) == AT + timedelta(hours=1)


def test_a_clock_that_was_set_back_keeps_nobody_waiting_for_long() -> None:
    box = outbox().with_one(notice()).failed("telegram", "out of reach", AT)
    due = box.due_at("telegram", AT - timedelta(days=30))
    assert due is not None
    assert due <= AT - timedelta(days=30) + timedelta(hours=1)


def told_in_an_hour(*, urgent: bool) -> tuple[int, Outbox]:
    """Something happens every second for an hour: how many messages go."""
    box, sent = outbox(), 0
    for second in range(3600):
        now = AT + timedelta(seconds=second)
        box = box.with_news([notice(str(second), now, urgent=urgent)], Place(second, "h"))
        due = box.due_at("telegram", now)
        if due is not None and due <= now:
            sent, box = sent + 1, box.delivered("telegram", box.last, now)
    return sent, box


def test_a_flood_becomes_some_messages_an_hour() -> None:
    sent, _ = told_in_an_hour(urgent=False)
    assert 12 < sent < 30


def test_what_is_urgent_waits_for_no_more_than_a_minute() -> None:
    sent, box = told_in_an_hour(urgent=True)
    assert 40 < sent < 110
    assert len(box.waiting) <= 60


def test_the_queue_is_bounded_and_what_is_urgent_stays() -> None:
    box = outbox().with_news([notice("brake", urgent=True)], Place(1, "h"))
    box = box.with_news([notice(str(number)) for number in range(500)], Place(501, "h"))
    assert len(box.waiting) == MOST_WAITING
    assert texts(box)[0] == "brake"
    assert box.dropped == 501 - MOST_WAITING
    assert box.delivered("telegram", box.last, AT).dropped == 0


@given(st.lists(st.sampled_from(["news", "one", "sent", "failed", "gone", "back"]), max_size=60))
def test_whatever_happens_notices_are_told_in_order_and_none_twice(acts: list[str]) -> None:
    box, told, made, now = outbox("telegram", "slack"), list[int](), 0, AT
    for act in acts:
        now += timedelta(minutes=3)
        if act in ("news", "one"):
            made += 1
            one = notice(str(made), now)
            box = box.with_news([one], Place(made, "h")) if act == "news" else box.with_one(one)
        elif act == "sent" and (due := box.due_at("telegram", now)) is not None and due <= now:
            told += [each.number for each in box.to_tell("telegram")]
            box = box.delivered("telegram", told[-1], now)
        elif act == "failed":
            box = box.failed("telegram", "x", now)
        elif act in ("gone", "back"):
            box = box.with_channels(("telegram", "slack") if act == "back" else ("telegram",))
    assert told == sorted(set(told))
    assert set(told) | {each.number for each in box.to_tell("telegram")} == set(range(1, made + 1))
