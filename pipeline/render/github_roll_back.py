"""The issue about a roll-back: what was taken back and why, what runs now, and the evidence, all of it written anew by our words."""

from collections.abc import Iterator

from pipeline.domain.train.roll_backs import Known, RollBack
from pipeline.render.github_promotion import linked
from pipeline.render.markdown import code, table, words

WIDE = 1000
"""Characters of a reason: a decision gives one sentence for each demand that failed."""


def issue_title(one: RollBack) -> str:
    """What the issue is called."""
    if one.ended_at is None:
        return f"{one.strategy}: its roll-back in {one.environment} did not end"
    if not one.to:
        return f"{one.strategy} was taken back in {one.environment}, and no bundle is known to be good"
    return f"{one.strategy} was rolled back in {one.environment}"


def issue_markdown(one: RollBack, link: str) -> str:
    """What happened, who or what wanted it and why, what was measured, and what to do. `link` leads to the run that tells."""
    parts = [
        f"{code(one.strategy)} in {code(one.environment)}: {_what(one)}\n",
        table(["", ""], list(_rows(one)), right_from=2),
        f"**Why:** {words(one.reason, WIDE) or '–'}\n",
        "**What was measured:**\n",
        *(f"- {line}" for line in _measured(one.known)),
        "",
        f"**What to do:** {_to_do(one)}\n",
        f"<sub>From the device's ledger, told by {linked('this run', link)}.</sub>\n",
    ]
    return "\n".join(parts)


def _what(one: RollBack) -> str:
    if one.ended_at is None:
        return "a roll-back was begun, and its end is not recorded. The bundle is blocked and enters nothing."
    if not one.to:
        return "the bundle is blocked and enters nothing; it manages its trades to their end, because no other is known to be good."
    return "the last bundle that was known to be good runs again; the one that was taken back is blocked."


def _rows(one: RollBack) -> Iterator[list[str]]:
    yield ["taken back", code(one.bundle)]
    yield ["came back" if one.ended_at else "was to come back", code(one.to) if one.to else "nothing"]
    yield ["runs by now", code(one.runs) if one.runs else "nothing"]
    yield ["by", words(one.by)]
    yield ["when", f"{one.ended_at or one.began_at:%Y-%m-%d %H:%M} UTC"]
    yield ["ledger entry", code(one.entry)]
    if one.known.source:
        yield ["boarded by", words(one.known.source)]
    if one.known.evidence:
        yield ["evidence that it boarded on", words(one.known.evidence)]
    if one.known.deployed_at:
        yield ["had run since", f"{one.known.deployed_at:%Y-%m-%d %H:%M} UTC"]


def _measured(known: Known) -> Iterator[str]:
    if known.healthy_hours is not None:
        yield f"{known.healthy_hours:.1f} hours healthy, {known.closed_trades or 0} closed trades"
    for brake in known.brakes:
        yield f"brake, {words(brake)}"
    if known.healthy_hours is None and not known.brakes:
        yield "nothing that the ledger has"


def _to_do(one: RollBack) -> str:
    if one.ended_at is None:
        return f"`freqtrain status {one.environment}` and `freqtrain converge {one.environment}` on the device."
    lift = f"freqtrain block lift {one.environment} {one.bundle.removeprefix('sha256:')[:12]} --reason …"
    return f"find out why before it boards again; whoever has, lifts the block: {code(lift, 200)}"
