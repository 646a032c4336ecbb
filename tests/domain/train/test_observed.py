"""What was seen of a bundle comes from the ledger, from what was kept, and from its bot; what one of them lacks is not made up."""

from datetime import UTC, datetime, timedelta

import pandas as pd

from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.decisions import Braked, EntriesStopped, Observed
from pipeline.domain.train.facts import Fact, Recorded
from pipeline.domain.train.fold import fold
from pipeline.domain.train.movements import Deployed, Deploying, Purpose
from pipeline.domain.train.observed import NEVER, UNTOLD, Words, in_ledger, observed
from pipeline.domain.train.samples import Gap
from pipeline.domain.train.state import EnvironmentState

AT = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
NEW = "sha256:" + "2" * 64
CURVE = pd.Series([1.0, 2.0], index=pd.DatetimeIndex([AT, AT + HOUR]))


def state(*facts: Fact) -> EnvironmentState:
    deployed = (
        Deploying("test", "dip", Purpose.DEPLOY, NEW, "a", (), "owner", "tag v1"),
        Deployed("test", "dip", NEW, "a", "owner"),
    )
    told = (*deployed, *facts)
    return fold((Recorded(n + 1, AT + n * HOUR, fact) for n, fact in enumerate(told)), "test")


def trade(opened: datetime, closed: datetime, pair: str = "A/B") -> ClosedTrade:
    return ClosedTrade(pair, opened, closed, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.1, 0.1, "", "")


def refuses() -> pd.Series:
    raise AssertionError("nobody reads the equity of a file whose beginning was lost")


def test_of_a_bundle_that_nobody_observed_the_ledger_says_hours_and_holds() -> None:
    known = state(
        Observed("test", "dip", NEW, 7.5, 2),
        Braked("test", "dip", NEW, "drawdown_max_ratio", "it fell"),
        EntriesStopped("test", "dip", "ada", "a holiday"),
    )
    seen = in_ledger("dip", NEW, known)
    assert (seen.healthy_hours, seen.trades, seen.unseen) == (7.5, None, NEVER)
    assert [told.partition(" ")[0] for told in seen.held] == ["brake", "stop"]


def test_what_was_kept_and_what_the_bot_tells_is_each_counted_once() -> None:
    kept, new = trade(AT + 2 * HOUR, AT + 3 * HOUR), trade(AT + 4 * HOUR, AT + 5 * HOUR)
    before = trade(AT - 2 * HOUR, AT + 3 * HOUR)
    told = Words((AT + 5 * HOUR, AT - HOUR), (kept, new, before))
    seen = observed("dip", NEW, state(), [kept], [], lambda: CURVE, told)
    assert (seen.trades, seen.open_since) == ((kept, new), (AT + 5 * HOUR,))
    assert (seen.curve is CURVE, seen.unseen, seen.damaged) == (True, "", ())


def test_only_trades_in_the_currency_of_the_bot_speak_and_those_of_an_earlier_one_are_not_lost() -> None:
    earlier, new = trade(AT + 2 * HOUR, AT + 3 * HOUR), trade(AT + 4 * HOUR, AT + 5 * HOUR, "A/C")
    counted = state(Observed("test", "dip", NEW, 1.0, 2))
    seen = observed("dip", NEW, counted, [earlier], [], lambda: CURVE, Words((), (earlier, new), "C"))
    assert (seen.trades, seen.damaged) == ((new,), ())


def test_a_bot_that_tells_nothing_leaves_the_open_trades_unknown() -> None:
    seen = observed("dip", NEW, state(), [], [], lambda: CURVE, None)
    assert (seen.open_since, seen.unseen) == (None, UNTOLD)


def test_trades_that_the_ledger_counted_and_nobody_kept_are_missed() -> None:
    seen = observed("dip", NEW, state(Observed("test", "dip", NEW, 1.0, 3)), [], [], lambda: CURVE, Words(()))
    assert seen.damaged == ("the ledger counted 3 closed trades, and 0 are kept",)


def test_a_file_that_was_lost_since_the_bundle_came_leaves_no_equity() -> None:
    lost = Gap("", "", datetime(1970, 1, 1, tzinfo=UTC), AT + 9 * HOUR, "it was damaged")
    seen = observed("dip", NEW, state(), [], [lost], refuses, Words(()))
    assert seen.curve is not None
    assert seen.curve.empty
    before = Gap("", "", datetime(1970, 1, 1, tzinfo=UTC), AT - HOUR, "it was damaged")
    own = Gap("dip", NEW, AT + HOUR, AT + 2 * HOUR, "nobody looked")
    assert observed("dip", NEW, state(), [], [before, own], lambda: CURVE, Words(())).curve is CURVE
