"""A case tells what its ledger comes to, as far as its chain holds, and says where it is not what was expected."""

from datetime import UTC, datetime, timedelta

from pipeline.domain.canonical import canonical
from pipeline.domain.incident_case import case, differences, told
from pipeline.domain.ledger import Head, after, follow, line
from pipeline.domain.train.decisions import Blocked, Braked, Moved, Moving, Observed, Soaked
from pipeline.domain.train.facts import Fact, body_of, kind_of
from pipeline.domain.train.movements import Deployed, Deploying, Purpose

AT = datetime(2026, 3, 1, tzinfo=UTC)
OLD, NEW = "sha256:" + "1" * 64, "sha256:" + "2" * 64


def ledger(*facts: Fact) -> tuple[bytes, bytes]:
    head, lines = Head(), []
    for number, fact in enumerate(facts):
        entry = follow(head, AT + timedelta(hours=number), kind_of(fact), body_of(fact))
        head = after(head, entry)
        lines.append(line(entry))
    return b"".join(lines), canonical(head) + b"\n"


def deployed(bundle: str, slot: str) -> tuple[Fact, Fact]:
    return (
        Deploying("test", "dip", Purpose.DEPLOY, bundle, slot, (), "owner", "tag v1"),
        Deployed("test", "dip", bundle, slot, "owner"),
    )


STORY = (
    *deployed(OLD, "a"),
    Soaked("test", "dip", OLD, 48.0, 3),
    *deployed(NEW, "b"),
    Observed("test", "dip", NEW, 5.0, 1),
    Braked("test", "dip", NEW, "drawdown_max_ratio", "it fell"),
    Blocked("test", "dip", NEW, "owner", "enough"),
)


def test_what_stood_what_held_it_and_where_it_would_go_back_is_told() -> None:
    found = told(case("test", *ledger(*STORY)))
    assert (found["entries"], found["breaks"], found["problem"]) == (8, [], "")
    state = found["state"]
    assert isinstance(state, dict)
    one = state["strategies"]["dip"]  # type: ignore[index,call-overload]
    assert one["standing"] == {"bundle": NEW, "slot": "b"}
    assert one["goes_back_to"] == OLD
    assert [hold.split(" ")[0] for hold in one["holds"]] == ["brake", "block"]
    assert one["observed"][NEW] == {"closed_trades": 1, "healthy_hours": 5.0}
    assert list(state["blocks"]) == [NEW]  # type: ignore[arg-type]
    assert found["kinds"]["deployed"] == 2  # type: ignore[index,call-overload]


def test_what_converging_would_do_after_a_reboot_is_part_of_the_case() -> None:
    found = told(case("test", *ledger(*STORY)))["after_a_reboot"]
    assert isinstance(found, dict)
    steps = found["dip"]["steps"]  # type: ignore[index,call-overload]
    assert any("start" in step for step in steps)
    assert steps[-1] == "record it"


def test_an_environment_that_left_says_so() -> None:
    found = told(case("test", *ledger(*STORY, Moving("test", "owner"), Moved("test", "owner", OLD))))
    assert "moved away" in found["state"]["away"]  # type: ignore[index,call-overload,operator]


def test_up_to_a_break_the_story_is_told() -> None:
    content, head = ledger(*STORY)
    broken = case("test", content.replace(b"drawdown_max_ratio", b"daily_loss_max_ratio"), head)
    assert broken.breaks == ("line 7: was edited: the braked entry does not have the hash that it carries",)
    assert len(broken.entries) == 6
    assert broken.state is not None
    assert broken.state.of("dip").holds == ()


def test_a_cut_tail_and_a_lost_head_are_breaks() -> None:
    content, head = ledger(*STORY)
    cut = case("test", b"\n".join(content.split(b"\n")[:5]) + b"\n", head)
    assert "was cut" in cut.breaks[0]
    assert len(cut.entries) == 5
    lost = case("test", content, b"")
    assert lost.breaks == ("its head file is missing, or was edited",)
    assert len(lost.entries) == 8
    assert case("test", b"", b"").breaks == ()


def test_what_a_crash_leaves_is_no_break() -> None:
    content, head = ledger(*STORY)
    assert case("test", content + b'{"at":"2026', head).breaks == ()
    earlier = ledger(*STORY[:-1])[1]
    assert (case("test", content, earlier).breaks, len(case("test", content, earlier).entries)) == ((), 8)


def test_entries_that_nobody_understands_leave_no_state() -> None:
    head = Head()
    entry = follow(head, AT, "invented_later", {"environment": "test"})
    found = case("test", line(entry), canonical(after(head, entry)))
    assert found.state is None
    assert "unknown kind 'invented_later'" in found.problem
    assert told(found)["state"] is None


def test_a_ledger_of_another_environment_is_not_understood() -> None:
    assert "entries of other environments" in case("prod", *ledger(*STORY)).problem


def test_garbage_is_no_crash() -> None:
    for content, head in (
        (b"\xff\x00\n\n", b"{}"),
        (b"[]\n", b"[" * 5000),
        (b"x", b'{"length": 1, "size": -5, "hash": "x"}'),
    ):
        found = case("test", content, head)
        assert found.breaks
        assert found.entries == ()


def test_differences_name_the_way_and_both_values() -> None:
    expected = {"a": {"b": [1, {"c": "x"}]}, "gone": 1}
    found = {"a": {"b": [1, {"c": "y"}]}, "new": 2}
    assert differences(expected, found) == (
        'a.b[1].c: expected "x", found "y"',
        "gone: expected 1, and there is nothing",
        "new: 2, and nothing was expected",
    )
    assert differences([1], [1, 2], "x") == ("x: expected [1], found [1, 2]",)
    assert differences(expected, expected) == ()
    assert len(differences("x" * 1000, "")[0]) < 700
