"""What the two pictures of a strategy draw: its money beside what its backtest lets expect, and its win rate."""

from collections.abc import Sequence

from pipeline.domain.monitor.curve import Gap
from pipeline.domain.monitor.overview import DeviceView, Ran, StrategyView
from pipeline.domain.monitor.standing import FRESH
from pipeline.render.monitor_chart import Band, Chart, Line
from pipeline.render.monitor_words import money, percent, small_percent
from pipeline.render.plain import plain_text


def money_chart(one: StrategyView, device: DeviceView) -> Chart:
    """Equity within its band, balance as steps, and the balance at the backtest's mean profit per trade; a run of lines for each bundle."""
    lines: list[Line] = []
    bands: list[Band] = []
    for ran in one.ran:
        runs = ran.curve.stretches()
        mean = ran.expectation.profit_mean_ratio if ran.expectation else None
        if mean is not None:
            hoped = [
                [(point.at, value) for point in run if (value := point.expected(mean)) is not None] for run in runs
            ]
            lines.append(Line("expected", tuple(tuple(run) for run in hoped if run), stepped=True))
        held = [[(point.at, point.balance) for point in run if point.balance is not None] for run in runs]
        lines.append(Line("balance", tuple(tuple(run) for run in held if run), stepped=True))
        worth = [[(point.at, point.equity) for point in run if point.equity is not None] for run in runs]
        lines.append(Line("equity", tuple(tuple(run) for run in worth if run)))
        between = [
            [(p.at, p.lowest, p.highest) for p in run if p.lowest is not None and p.highest is not None] for run in runs
        ]
        bands.append(Band(tuple(tuple(run) for run in between if run)))
    latest = f": {money(one.latest.equity)} {plain_text(one.currency, 12)}" if one.latest else ""
    told = f"Equity and balance of {one.strategy} over time{latest}"
    return Chart(told, device.since, device.at, tuple(lines), tuple(bands), _gaps(one.ran, device), one.marks)


def win_chart(one: StrategyView, device: DeviceView) -> Chart:
    """The share of trades that were won up to each look, beside the backtest's; without lines before the first trade."""
    lines: list[Line] = []
    for ran in one.ran:
        runs = ran.curve.stretches()
        rates = [[(p.at, p.win_rate_ratio) for p in run if p.win_rate_ratio is not None] for run in runs]
        known = [run for run in rates if run]
        rate = ran.expectation.win_rate_ratio if ran.expectation else None
        if known and rate is not None:
            lines.append(Line("expected", (((known[0][0][0], rate), (known[-1][-1][0], rate)),)))
        lines.append(Line("equity", tuple(tuple(run) for run in known)))
    if not any(line.runs for line in lines):
        return Chart("", device.since, device.at, ())
    told = f"Win rate of {one.strategy} over time"
    if one.latest:
        told += f": {percent(one.latest.win_rate_ratio)}"
    gaps = _gaps(one.ran, device)
    return Chart(told, device.since, device.at, tuple(lines), (), gaps, one.marks, ratio=True)


def legend(one: StrategyView) -> tuple[tuple[str, str], ...]:
    """What the lines of money are: class and words."""
    expected = one.expectation
    lines = [("equity", "equity"), ("balance", "balance")]
    if expected and expected.profit_mean_ratio is not None:
        note = ", simulated data" if expected.simulated else ""
        behind = f", {expected.trades} trades" if expected.trades else ""
        told = f"at the backtest's {small_percent(expected.profit_mean_ratio)} a trade ({percent(expected.win_rate_ratio)} won{behind}{note})"
        lines.append(("expected", told))
    return tuple(lines)


def _gaps(ran: Sequence[Ran], device: DeviceView) -> tuple[Gap, ...]:
    """The gaps that were kept, and the one that still lasts: it is kept when somebody looks again."""
    found = [gap for one in ran for gap in one.curve.gaps]
    last = max((one.curve.latest.at for one in ran if one.curve.latest), default=None)
    if last is not None and device.at - last > FRESH:
        found.append(Gap(max(last, device.since), device.at, "nobody looked, up to now"))
    return tuple(found)
