"""Facts as sentences, for whoever reads the ledger."""

from functools import singledispatch

from pipeline.domain.train.decisions import (
    Approved,
    Arrived,
    Asked,
    Blocked,
    BlockLifted,
    Braked,
    Cut,
    DecisionMade,
    Doubted,
    EntriesStopped,
    Mended,
    Moved,
    Moving,
    Observed,
    ParityMeasured,
    Promoted,
    Released,
    Retired,
    RolledBack,
    Soaked,
)
from pipeline.domain.train.movements import (
    Converged,
    Converging,
    Deployed,
    Deploying,
    Drained,
    Draining,
    Resuming,
    StepBegan,
    StepEnded,
    Stopped,
    Undoing,
    Undone,
)
from pipeline.domain.train.steps import short


@singledispatch
def say(fact: object) -> str:
    """What happened, in a sentence without its subject's time; raises TypeError for what is no fact."""
    raise TypeError(f"{type(fact).__name__} is no fact")


@say.register
def _cut(fact: Cut) -> str:
    return f"{fact.strategy}: {short(fact.bundle)} was cut from {fact.commit[:12]}{_by(fact.by)}"


@say.register
def _promoted(fact: Promoted) -> str:
    anyway = f", though it lacks something: {fact.overridden}" if fact.overridden else ""
    source = f" at {fact.source}" if fact.source else ""
    return f"{fact.strategy}: {short(fact.bundle)} was promoted{source}{_by(fact.by)}{anyway} ({fact.reason})"


@say.register
def _asked(fact: Asked) -> str:
    bundles = ", ".join(short(bundle) for bundle in fact.bundles)
    until = f"{fact.expires_at:%Y-%m-%d %H:%M} UTC"
    return f"{bundles}: run {fact.run} on GitHub asks for an approval until {until}, at {fact.source}{_by(fact.by)}"


@say.register
def _approved(fact: Approved) -> str:
    bundles = ", ".join(short(bundle) for bundle in fact.bundles)
    where = f" on GitHub (run {fact.run})" if fact.run else ""
    return f"{bundles} approved by {fact.signer}{where} until {fact.expires_at:%Y-%m-%d %H:%M} UTC"


@say.register
def _deploying(fact: Deploying) -> str:
    verb = fact.purpose.value.replace("_", " ")
    return f"{fact.strategy}: {verb} begins{_by(fact.by)}: {fact.reason or short(fact.bundle)}"


@say.register
def _resuming(fact: Resuming) -> str:
    return f"{fact.strategy}: {short(fact.bundle)} goes on its way: {fact.reason}"


@say.register
def _undoing(fact: Undoing) -> str:
    return f"{fact.strategy}: {short(fact.bundle)} is taken back: {fact.reason}"


@say.register
def _converging(fact: Converging) -> str:
    return f"{fact.strategy}: converging: {fact.reason}"


@say.register
def _step_began(fact: StepBegan) -> str:
    return f"{fact.strategy}: {fact.number + 1}. {fact.step}"


@say.register
def _step_ended(fact: StepEnded) -> str:
    note = f": {fact.note}" if fact.note else ""
    return f"{fact.strategy}: {fact.number + 1}. done{note}"


@say.register
def _deployed(fact: Deployed) -> str:
    entries = "" if fact.released else ", entries held"
    down = f", {fact.down_seconds:.1f} s without a bot" if fact.down_seconds >= 0 else ""
    return f"{fact.strategy}: {short(fact.bundle)} was deployed{_by(fact.by)}{entries}{down}"


@say.register
def _undone(fact: Undone) -> str:
    kept = f"{short(fact.kept)} goes on" if fact.kept else "nothing runs"
    return f"{fact.strategy}: {short(fact.bundle)} was taken back, {kept}: {fact.reason}"


@say.register
def _converged(fact: Converged) -> str:
    return f"{fact.strategy}: what runs is what should run"


@say.register
def _draining(fact: Draining) -> str:
    until = f"{fact.deadline_at:%Y-%m-%d %H:%M} UTC"
    return f"{fact.strategy}: {short(fact.bundle)} drains for {short(fact.successor)}, at the latest until {until}{_by(fact.by)}"


@say.register
def _drained(fact: Drained) -> str:
    return f"{fact.strategy}: {short(fact.bundle)} was drained, {fact.open_trades} trades open"


@say.register
def _stopped(fact: Stopped) -> str:
    return f"{fact.strategy}: {short(fact.bundle)} was stopped{_by(fact.by)}: {fact.reason}"


@say.register
def _entries_stopped(fact: EntriesStopped) -> str:
    exits = " and positions sold" if fact.exits else ""
    reason = f": {fact.reason}" if fact.reason else ""
    return f"{fact.strategy}: entries stopped{exits}{_by(fact.by)}{reason}"


@say.register
def _released(fact: Released) -> str:
    return f"{fact.strategy}: entries released{_by(fact.by)}: {fact.reason}"


@say.register
def _braked(fact: Braked) -> str:
    return f"{fact.strategy}: {short(fact.bundle)} was braked by {fact.brake}: {fact.reason}"


@say.register
def _rolled_back(fact: RolledBack) -> str:
    to = f"to {short(fact.to)}" if fact.to else "to nothing: no bundle is known to be good, entries stay stopped"
    return f"{fact.strategy}: rolled back from {short(fact.bundle)} {to}{_by(fact.by)}: {fact.reason}"


@say.register
def _blocked(fact: Blocked) -> str:
    return f"{fact.strategy}: {short(fact.bundle)} was blocked{_by(fact.by)}: {fact.reason}"


@say.register
def _block_lifted(fact: BlockLifted) -> str:
    return f"the block on {short(fact.bundle)} was lifted{_by(fact.by)}: {fact.reason}"


@say.register
def _retired(fact: Retired) -> str:
    how = "stops at once" if fact.at_once else "manages its trades to their end"
    return f"{fact.strategy}: {short(fact.bundle)} was retired{_by(fact.by)} and {how}: {fact.reason}"


@say.register
def _soaked(fact: Soaked) -> str:
    return (
        f"{fact.strategy}: {short(fact.bundle)} is known to be good: {fact.healthy_hours:g} hours healthy, "
        f"{fact.closed_trades} closed trades"
    )


@say.register
def _observed(fact: Observed) -> str:
    return (
        f"{fact.strategy}: {short(fact.bundle)} has shown {fact.healthy_hours:g} healthy hours and "
        f"{fact.closed_trades} closed trades"
    )


@say.register
def _decision_made(fact: DecisionMade) -> str:
    power = f" ({fact.power})" if fact.power else ""
    return f"{fact.strategy}: {short(fact.bundle)} {fact.decision.replace('_', ' ')}: {' '.join(fact.reasons)}{power}"


@say.register
def _parity_measured(fact: ParityMeasured) -> str:
    span = f"{fact.since_at:%Y-%m-%d %H:%M} to {fact.until_at:%Y-%m-%d %H:%M} UTC"
    rest = f" ({', '.join(fact.mismatches)})" if fact.mismatches else ""
    return f"{fact.strategy}: {fact.alike} of {fact.compared} trades of {short(fact.bundle)} from {span} are the backtest's{rest}{_by(fact.by)}"


@say.register
def _doubted(fact: Doubted) -> str:
    return f"{fact.strategy}: entries held, because something does not add up: {fact.reason}"


@say.register
def _moving(fact: Moving) -> str:
    return f"'{fact.environment}' leaves this device{_by(fact.by)}"


@say.register
def _moved(fact: Moved) -> str:
    return f"'{fact.environment}' left this device{_by(fact.by)} in the archive {short(fact.archive)}"


@say.register
def _arrived(fact: Arrived) -> str:
    if not fact.archive:
        return f"'{fact.environment}' stays on this device{_by(fact.by)}: it could not be packed"
    return f"'{fact.environment}' came to this device{_by(fact.by)} in the archive {short(fact.archive)}"


@say.register
def _mended(fact: Mended) -> str:
    return f"{fact.what} of '{fact.environment}' was mended{_by(fact.by)}: {fact.done}"


def _by(who: str) -> str:
    return f" by {who}" if who else ""
