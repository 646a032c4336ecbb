"""What a watch decides once a day: who earned the next environment, who goes on, and who is taken back, where the environment says automatic."""

from datetime import datetime, timedelta

from pipeline.domain.train.decided import Conclusion, Decision
from pipeline.domain.train.decisions import DecisionMade
from pipeline.domain.train.state import EnvironmentState, StrategyState
from pipeline.errors import ExitCode, FreqtrainError, ToolFailed
from pipeline.flows.road import Road
from pipeline.flows.take_back import carry_out
from pipeline.flows.watch_post import Post

EVERY = timedelta(days=1)

AGAIN = timedelta(minutes=30)
"""How long after one that failed it is tried again."""

LOOK_SECONDS = 0.2
"""How often it is looked whether it was decided, and who is due to be looked at meanwhile."""


class Deciding:
    """The decisions of one watch. When the last one was, the ledger knows, so that a watch that is started anew decides no more often."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._failed_at: dict[str, datetime] = {}

    def decide(self, strategy: str, state: EnvironmentState, road: Road) -> None:
        """Decide about the bundle that stands, if a day has gone by since the last decision about it, or since it was deployed.

        What is to be taken back is, and then the decision is recorded: a watch that dies in between decides anew, and finds it done. `road` is the
        one on which somebody looks on meanwhile.

        Raises:
            ToolFailed: nothing was decided, or what was decided could not be carried out; it is tried again after a while.
        """
        post, known, now = self._post, state.of(strategy), road.clock.now()
        if post.decider is None or known.standing is None or known.progress is not None or not due(known, now):
            return
        failed_at = self._failed_at.get(strategy)
        if failed_at is not None and failed_at <= now < failed_at + AGAIN:
            return
        self._failed_at[strategy] = now
        try:
            decided = self._decided(strategy, road)
        except FreqtrainError as error:
            raise ToolFailed(f"nothing was decided: {error.message}") from error
        applied = carry_out(decided, road)
        if applied.code is not ExitCode.DONE:
            raise ToolFailed(f"it was to be taken back, and was not: {applied.told}")
        road.record(
            DecisionMade(
                *(road.environment.name, strategy, decided.bundle, decided.decision.value, decided.reasons),
                decided.power,
            )
        )
        del self._failed_at[strategy]
        if decided.decision is not Decision.HOLD and not same(known, decided.bundle, decided.decision):
            said = f"{decided.decision.value.replace('_', ' ')}: {' '.join(decided.reasons)} {applied.told}"
            post.tell(strategy, said.rstrip(), recorded=True)

    def _decided(self, strategy: str, road: Road) -> Conclusion:
        """What was decided, once it was: the clock of the road looks at the bots while it is waited for."""
        assert self._post.decider is not None
        with self._post.decider.ask(strategy) as asked:
            while (decided := asked.decided()) is None:
                road.clock.sleep(LOOK_SECONDS)
        return decided


def due(known: StrategyState, now: datetime) -> bool:
    """Whether a day has gone by; a clock that was set back waits for no more than that either."""
    assert known.standing is not None
    bundle = known.standing.bundle
    since = [made.since_at for made in known.deployments if made.bundle == bundle]
    if known.decided is not None and known.decided.bundle == bundle and known.decided_at is not None:
        since.append(known.decided_at)
    return not since or abs(now - max(since)) >= EVERY


def same(known: StrategyState, bundle: str, decision: Decision) -> bool:
    """Whether the latest decision was this one, of this bundle."""
    last = known.decided
    return last is not None and (last.bundle, last.decision) == (bundle, decision.value)
