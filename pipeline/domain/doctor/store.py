"""What bots are started from: bundles in the store, homes, the rights of files, keys, and what killed writers left."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from pipeline.domain.doctor.commands import Mend, again, converge, fetch, mend, on_files, verb
from pipeline.domain.doctor.facts import STRATEGY, BundleFacts, Facts, HomeFacts
from pipeline.domain.doctor.kinds import Disagreement, Kind
from pipeline.domain.train.state import EnvironmentState, Standing
from pipeline.domain.train.steps import bot_name, short

LEFT_FOR = timedelta(hours=1)
"""What is younger may still be written."""

TOLD = 5


def needed(state: EnvironmentState) -> Mapping[str, str]:
    """The bundles without which the environment cannot go on or back, and what for, in words."""
    found: dict[str, str] = {}
    for strategy, known in sorted(state.strategies.items()):
        standing = known.standing
        if standing:
            found.setdefault(standing.bundle, f"it should run of '{strategy}'")
        if known.progress and known.progress.target:
            found.setdefault(known.progress.target.bundle, f"it is on its way of '{strategy}'")
        if known.drain:
            found.setdefault(known.drain.successor, f"it is to follow of '{strategy}'")
        if standing and (good := state.known_good(strategy, besides=standing.bundle)):
            found.setdefault(good, f"'{strategy}' would go back to it")
    return found


def of_bundles(facts: Facts) -> Iterator[Disagreement]:
    """What the ledger needs is in the store, and sound."""
    words = needed(facts.state) if facts.state else {}
    for bundle in facts.bundles:
        if bundle.problem:
            kind = Kind.BUNDLE_MISSING if bundle.missing else Kind.BUNDLE_DAMAGED
            told = f"{words.get(bundle.digest, 'the ledger names it')}, and {bundle.problem}"
            yield Disagreement(kind, short(bundle.digest), told, fetch(bundle.commit))


def of_homes(facts: Facts) -> Iterator[Disagreement]:
    """The homes of bots that should run are there and as they were written; those of nobody are not there."""
    if facts.state is None or facts.homes is None or facts.at_work:
        return
    state, homes = facts.state, {home.name: home for home in facts.homes}
    bundles = {bundle.digest: bundle for bundle in facts.bundles if not bundle.problem}
    for strategy, known in sorted(state.strategies.items()):
        standing = known.standing
        if standing is None or state.away or (known.progress and known.progress.target):
            continue
        home = homes.get(bot_name(state.environment, strategy, standing.slot))
        command = again(state.environment, standing.bundle)
        if home is None:
            told = f"there is no home in slot {standing.slot}"
            yield Disagreement(Kind.HOME_MISSING, strategy, told, command)
        elif told := "; ".join(_edited(facts, home, standing, bundles.get(standing.bundle))):
            yield Disagreement(Kind.HOME_EDITED, home.name, told, command)
    held = {bot.bot.spec.strategy for bot in facts.bots or ()}
    for home in facts.homes if facts.bots is not None else ():
        known = state.of(home.strategy)
        if not (known.standing or known.progress or known.drain or home.strategy in held):
            told = f"nothing of '{home.strategy}' runs or should, and its home is there"
            # What the ledger never heard of is nobody's to clear up.
            command = converge(state.environment) if known.place >= 0 else on_files("rm -r --", (home.path,))
            yield Disagreement(Kind.HOME_LEFT, home.name, told, command)


def of_files(facts: Facts) -> Iterator[Disagreement]:
    """What is the owner's alone is the owner's alone."""
    open_ones = [one for one in facts.exposed if not one.foreign]
    if open_ones:
        told = "; ".join(f"{one.path} has mode {one.mode:04o}" for one in open_ones)
        command = on_files("chmod go-rwx", [one.path for one in open_ones])
        yield Disagreement(Kind.FILE_MODES, f"files of {facts.environment}", told, command)
    foreign = [one.path for one in facts.exposed if one.foreign]
    if foreign:
        told = f"{', '.join(foreign)}: another user's"
        command = on_files(f"sudo chown -R freqtrain-{facts.environment}:", foreign)
        yield Disagreement(Kind.FILE_OWNER, f"files of {facts.environment}", told, command)


def of_keys(facts: Facts) -> Iterator[Disagreement]:
    """An account belongs to one environment, or to one strategy; no trace of a key is told."""
    told: set[str] = set()
    for _, others in sorted(facts.sharing.items()):
        told |= {str(other) for other in others}
    if told:
        found = f"the key of '{facts.environment}' is also that of {', '.join(sorted(told))}"
        yield Disagreement(Kind.KEY_SHARED, "exchange key", found, verb("secrets set", facts.environment))


def old_leftovers(facts: Facts) -> tuple[str, ...]:
    """What was left long enough ago that nobody is at work on it."""
    return tuple(one.path for one in facts.leftovers if facts.now - one.changed_at > LEFT_FOR)


def of_leftovers(facts: Facts) -> Iterator[Disagreement]:
    """What killed writers left, in files and at the ledger's end."""
    old = old_leftovers(facts)
    more = f" and {len(old) - TOLD} more" if len(old) > TOLD else ""
    told = [", ".join(old[:TOLD]) + more] if old else []
    told += [facts.ledger.left] if facts.ledger.left else []
    if told:
        command = mend(facts.environment, Mend.LEFTOVERS)
        yield Disagreement(Kind.LEFTOVERS, f"files of {facts.environment}", "; ".join(told), command)


def _edited(facts: Facts, home: HomeFacts, standing: Standing, bundle: BundleFacts | None) -> Iterator[str]:
    settings = home.settings
    if settings is None:
        yield home.problem or "bot.json cannot be read"
        return
    wanted = {
        "name": (settings.name, home.name),
        "environment": (settings.environment, facts.environment),
        "strategy": (settings.strategy, home.strategy),
        "bundle": (short(settings.bundle), short(standing.bundle)),
        "mode": (settings.mode, "live" if facts.live else "dry_run"),
        "strategy_dir": (settings.strategy_dir, STRATEGY),
        "database": (settings.database, next((d.path for d in facts.databases if d.strategy == home.strategy), "")),
    }
    for key, (there, ours) in wanted.items():
        if there != ours:
            yield f"bot.json says {key} {there}, and it is {ours or 'unknown'}"
    judged = bundle.files if bundle else settings.strategy_files
    for path in sorted(judged.keys() | home.files.keys()):
        if home.files.get(path) != judged.get(path):
            missing, added = path not in home.files, path not in judged
            yield f"{path} is missing" if missing else f"{path} was added" if added else f"{path} was changed"
