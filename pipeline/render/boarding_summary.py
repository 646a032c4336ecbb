"""A promotion as the page of its run on GitHub shows it: what a person approves there, and what each strategy showed."""

from collections.abc import Iterator

from pipeline.domain.train.boarding import Seat
from pipeline.domain.train.promotion import Idle, Promotion
from pipeline.domain.train.steps import short
from pipeline.errors import ExitCode
from pipeline.render.markdown import code, table, words
from pipeline.render.summary import SIGNS

ROWS = 100
LISTED = 10
DIGEST = len("sha256:") + 64


def promotion_markdown(promotion: Promotion | Idle) -> str:
    """A table of all strategies, what those showed that board, and what is asked for or came of it; nothing where nothing boards by itself."""
    if isinstance(promotion, Idle):
        return ""
    named = f"tag {code(promotion.tag)}, " if promotion.tag else ""
    seats = promotion.boarding.seats
    rows = [[code(s.strategy), code(short(s.bundle)), s.decision.value, words(s.reason, 200)] for s in seats[:ROWS]]
    lines = [f"## {code(promotion.environment)}: {named}commit {code(promotion.commit[:12])}\n"]
    lines.append(table(["strategy", "bundle", "decision", "because"], rows, right_from=4))
    if len(seats) > ROWS:
        lines.append(f"… and {len(seats) - ROWS} more.\n")
    lines.append("".join(f"{line}\n" for seat in promotion.boarding.boarding[:ROWS] for line in _showed(seat)))
    lines += [f"{line}\n" for line in _end(promotion)]
    return "\n".join(line for line in lines if line)


def _showed(seat: Seat) -> Iterator[str]:
    """What speaks for one that boards; the whole digest, because that is what is approved."""
    yield f"- {code(seat.strategy)} with {code(seat.bundle, DIGEST)}"
    for finding in seat.verdict.findings[:LISTED]:
        yield f"  - {SIGNS[finding.outcome]} {words(finding.reason)}"
    if len(seat.verdict.findings) > LISTED:
        yield f"  - … and {len(seat.verdict.findings) - LISTED} more"


def _end(promotion: Promotion) -> Iterator[str]:
    if promotion.question is not None:
        asked = promotion.question.asked
        yield f"Whoever lets this run into {code(asked.environment)} approves exactly these bundles, until {asked.expires_at:%Y-%m-%d %H:%M} UTC."
    for attempt in promotion.attempts:
        sign = "✅" if attempt.code is ExitCode.DONE else "❌"
        yield f"{sign} {code(attempt.strategy)}: {words(attempt.told)}"
