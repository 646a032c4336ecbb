"""What is wrong with a ledger, and with what it rests on: its files, its time, plans that were not ended, tags that moved."""

from collections.abc import Iterator
from datetime import timedelta

from pipeline.domain.doctor.commands import NTP, Mend, converge, mend, verb
from pipeline.domain.doctor.facts import Facts
from pipeline.domain.doctor.kinds import Disagreement, Kind
from pipeline.domain.train.steps import short

AHEAD = timedelta(minutes=1)
"""A clock that is behind by no more than this is waited for."""

TOLD = 3
LEDGER = "ledger.jsonl"


def of_ledger(facts: Facts) -> Iterator[Disagreement]:
    """The ledger's files and what stands in them."""
    name, ledger = facts.environment, facts.ledger
    if ledger.head:
        yield Disagreement(Kind.LEDGER_HEAD, f"{LEDGER}.head", ledger.head, mend(name, Mend.LEDGER_HEAD))
    elif ledger.breaks:
        more = f"; and {len(ledger.breaks) - TOLD} more" if len(ledger.breaks) > TOLD else ""
        told = "; ".join(ledger.breaks[:TOLD])
        yield Disagreement(Kind.LEDGER_BROKEN, LEDGER, f"{told}{more}", verb("log", name, "--verify"))
    if ledger.foreign:
        yield Disagreement(Kind.LEDGER_FOREIGN, LEDGER, ledger.foreign, "sudo runner/set-up")
    if ledger.last_at and ledger.last_at - facts.now > AHEAD:
        ahead = (ledger.last_at - facts.now).total_seconds()
        yield Disagreement(Kind.LEDGER_AHEAD, LEDGER, f"its last entry is {ahead:.0f} s ahead of the clock", NTP)


def of_plans(facts: Facts) -> Iterator[Disagreement]:
    """Plans that were begun and not ended; while a verb is at work, it is at that."""
    if facts.state is None or facts.at_work:
        return
    for strategy, known in sorted(facts.state.strategies.items()):
        progress = known.progress
        if progress and progress.target:
            verb_of = progress.purpose.value.replace("_", " ")
            began = f"{progress.since_at:%Y-%m-%d %H:%M} UTC"
            step = f", in: {progress.step}" if progress.step else ""
            told = f"the {verb_of} of {short(progress.target.bundle)} began at {began} and was not ended{step}"
            yield Disagreement(Kind.INTERRUPTED, strategy, told, converge(facts.environment))


def of_tags(facts: Facts) -> Iterator[Disagreement]:
    """Tags by which something boarded, and which name another commit by now."""
    for tag in facts.tags:
        told = f"it named {tag.was[:12]} when something boarded by it, and names {tag.now[:12]} now"
        command = f"git fetch --force origin refs/tags/{tag.name}:refs/tags/{tag.name}"
        yield Disagreement(Kind.TAG_MOVED, f"tag {tag.name}", told, command)
