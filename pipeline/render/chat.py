"""How it stands in an environment, short enough for a phone."""

from collections.abc import Sequence

from pipeline.domain.train.status import Line
from pipeline.domain.train.steps import short
from pipeline.render.notices import harmless


def status_text(environment: str, lines: Sequence[Line]) -> str:
    """One line a strategy; what wants a look is marked."""
    told = [_line(line) for line in lines]
    return harmless("\n".join((f"{environment}:", *(told or ["Nothing was deployed here."]))))


def _line(line: Line) -> str:
    since = f" since {line.since_at:%Y-%m-%d %H:%M} UTC" if line.since_at else ""
    trades = "" if line.open_trades is None else f", {line.open_trades} open trades"
    enters = {"yes": "enters", "no": "does not enter"}.get(line.entries, f"does not enter ({line.entries})")
    mark = "" if line.well else "(!) "
    return f"{mark}{line.strategy}: {short(line.bundle) or 'nothing'}{since}, {line.bot}, {enters}{trades}"
