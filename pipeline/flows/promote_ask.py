"""`freqtrain promote --ask`: what a run on GitHub asks for, so that whoever lets it into the environment says yes to exactly that."""

from dataclasses import replace

from pipeline.domain.train.approval import Wanted
from pipeline.domain.train.decisions import Asked
from pipeline.domain.train.promotion import Promotion
from pipeline.domain.train.state import Question
from pipeline.errors import Refused, UsageError
from pipeline.flows.promote_approve import needs_approval, wanted_by
from pipeline.flows.promote_decide import PromoteGround, Wish, decide, look_up
from pipeline.flows.road import Road


def ask(wish: Wish, ground: PromoteGround) -> Promotion:
    """Say who would board, and record that the run `wish.run` asks for it; where nobody has to approve, nothing is recorded.

    Raises:
        UsageError: as `look_up`; or this is no run.
        Refused: as `promote`; or the run asked for something else before. GitHub tells neither when somebody said yes nor to which attempt of
            a run, so that a run asks once.
        Locked: another verb is at work in the environment.
        ToolFailed: git or the ledger.
    """
    if wish.run < 1:
        raise UsageError("only a run on GitHub can ask there", hint="--plan says what would board")
    road = ground.road
    with road.locked(f"promote {wish.tag or wish.commit} --ask"):
        named = look_up(wish, ground)
        boarding = decide(named, ground)
        made = Promotion(road.environment.name, named.commit, boarding, wish.tag, planned=True)
        if not needs_approval(boarding, road):
            why = "nobody has to approve" if boarding.boarding else "nothing boards"
            road.narrator.say(f"{why}: nothing is asked for")
            return made
        return replace(made, question=_asked(wish, named.source, wanted_by(boarding, road), road))


def _asked(wish: Wish, source: str, wanted: Wanted, road: Road) -> Question:
    before = road.state().asked.get(wish.run)
    if before is not None:
        return _same(before, source, wanted, road)
    expires_at = road.clock.now().replace(microsecond=0) + road.environment.approval.valid_for
    bundles = tuple(sorted(wanted.bundles))
    road.record(Asked(wanted.environment, wish.run, bundles, wanted.policy, source, wish.by, expires_at))
    return road.state().asked[wish.run]


def _same(before: Question, source: str, wanted: Wanted, road: Road) -> Question:
    asked = before.asked
    if (frozenset(asked.bundles), asked.policy, asked.source) != (wanted.bundles, wanted.policy, source):
        why = f"asked for something else at {before.asked_at:%Y-%m-%d %H:%M} UTC"
    elif asked.expires_at <= road.clock.now():
        why = f"asked already, and that expired at {asked.expires_at:%Y-%m-%d %H:%M} UTC"
    else:
        return before
    raise Refused(
        f"run {asked.run} on GitHub {why}, and nobody can tell to what somebody says yes",
        hint="run the workflow anew: a new run asks anew",
    )
