"""`freqtrain watch`: somebody looks at every bot all the time, keeps the lease fresh, and acts on brakes without anybody."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NoReturn

from pipeline.domain.train.sight import SeenBot
from pipeline.domain.train.state import EnvironmentState
from pipeline.errors import FreqtrainError
from pipeline.flows.looking_on import looking_on
from pipeline.flows.road import Road
from pipeline.flows.watch_accounts import unknown
from pipeline.flows.watch_compare import Comparing
from pipeline.flows.watch_decide import Deciding
from pipeline.flows.watch_kept import Keeping
from pipeline.flows.watch_look import Looking
from pipeline.flows.watch_mend import mend
from pipeline.flows.watch_notices import end
from pipeline.flows.watch_observe import Observing
from pipeline.flows.watch_post import Post
from pipeline.flows.watch_tried import tried

WELL_AGAIN = "the watch is well again: its last round was as it should be"


@dataclass(frozen=True, slots=True)
class Round:
    """What one round came to: how many bots were looked at, and what went wrong, one sentence each. `vouched`: the lease was touched at its end."""

    bots: int
    problems: tuple[str, ...]
    vouched: bool


def watch(post: Post, *, once: bool = False) -> Round | None:
    """Watch until somebody interrupts, which is no error; or for one round, which is returned.

    A round that fails as a whole is told, and the next one follows. It may end between any two of its calls: the next one finds its way.

    Raises:
        Locked: without `once`, where somebody else watches the environment.
        FreqtrainError: with `once`, where the ledger or the runtime could not be read. The lease was not touched.
    """
    watching = Watching(post, beside=once)
    try:
        if once:
            return watching.round()
        with post.alone():
            _watch(watching, post)
    except KeyboardInterrupt:
        if once:
            raise
        post.road.narrator.say(f"nobody watches '{post.road.environment.name}' any more; live bots stop entering soon")
    except FreqtrainError:
        raise
    except Exception as error:
        post.tell("", f"the watch ends by a mistake of its own: {type(error).__name__}: {error}")
        raise
    finally:
        watching.close()
        end(post)
    return None


def _watch(watching: "Watching", post: Post) -> NoReturn:
    last = ""
    while True:
        try:
            told = "; ".join(watching.round().problems)
        except FreqtrainError as error:
            told = f"nobody watches: {error.message}"
        except Exception as error:  # A watch that ends on its own mistake would leave every bot unwatched.
            told = f"the watch made a mistake, and goes on: {type(error).__name__}: {error}"
        if told != last:
            post.tell("", told or WELL_AGAIN)
        last = told
        watching.rest()


class Watching:
    """The rounds of one watch; `beside` says that another one may be there, and that this one's round is its only one."""

    def __init__(self, post: Post, *, beside: bool = False) -> None:
        self._post = post
        self._keeping = Keeping(post.memory)
        self._observing = Observing(post, beside=beside)
        self._looking = Looking(post, self._keeping, self._observing, None if beside else post.patience_seconds)
        self._deciding = Deciding(post)
        self._comparing = Comparing(replace(post, comparer=None) if beside else post, self._looking.pause)

    def round(self) -> Round:
        """Look at every bot, then bring about what should run.

        Raises:
            FreqtrainError: the ledger or the runtime cannot be read. The lease is not touched: nobody knows what holds entries, and no brake
                could be recorded, so live bots must stop entering, which they do once the lease is old.
        """
        looked = self._looking.look()
        post = self._post
        road = looking_on(post.road, self._look_again, post.interval_seconds)
        problems = list(looked.problems)
        first, state = self._keeping.tried_at(), post.road.state()
        for strategy, bots in looked.told.items():
            before = self._keeping.tried_at()
            problems += tried(strategy, partial(self._mend, strategy, [one.bot for one in bots], state, road))
            if self._keeping.tried_at() != before:
                state = post.road.state()
            problems += tried(strategy, partial(self._deciding.decide, strategy, state, road))
        problems += tried("", lambda: self._comparing.look(self._looking.seen, post.road.state()))
        self._looking.finish()
        if self._keeping.tried_at() != first:  # Whoever runs now is seen from the beginning.
            looked = self._looking.look()
            problems += looked.problems
        problems += tried("", self._keeping.save_changes)
        problems += unknown(self._keeping.remembered(), post)
        problems += [self._observing.problem] if self._observing.problem else []
        done = Round(looked.bots, tuple(dict.fromkeys(problems)), looked.vouched)
        if post.notices is not None and done.vouched and not done.problems:
            post.notices.all_is_well()
        return done

    def rest(self) -> None:
        """Wait until the next round is due; whoever answers late is acted on meanwhile."""
        self._looking.rest(self._post.interval_seconds)

    def close(self) -> None:
        """Let go of what only one may hold."""
        self._looking.close()
        self._observing.close()
        self._comparing.close()

    def _mend(self, strategy: str, seen: Sequence[SeenBot], state: EnvironmentState, road: Road) -> None:
        kept = mend(strategy, seen, self._keeping.of(strategy), state, self._post, road)
        now = self._keeping.of(strategy)
        self._keeping.keep(strategy, replace(now, tries=kept.tries, tried_at=kept.tried_at, told=kept.told))

    def _look_again(self) -> None:
        """While a verb of ours takes its time; a ledger or runtime that cannot be read is that verb's to tell."""
        try:
            self._looking.look()
        except FreqtrainError as error:
            self._post.road.narrator.say(error.message)
