"""A packed incident for people and for programs: what is in it, what is not, and what its ledger comes to."""

from collections.abc import Iterator, Mapping, Sequence

from pipeline.domain.canonical import Plain, plain
from pipeline.domain.incident import Index, LeftOut
from pipeline.domain.incident_case import Case, after_a_reboot, again, told
from pipeline.domain.incident_replay import Replayed
from pipeline.domain.train.state import EnvironmentState, StrategyState
from pipeline.domain.train.steps import short
from pipeline.domain.verdict import Outcome
from pipeline.render.monitor_words import moment
from pipeline.render.outcomes import counted
from pipeline.render.plain import NAME_LIMIT, no_commands, plain_text

LISTED = 40
"""Left out things that are told one by one."""


def packed_text(index: Index, digest: str, size: int, out: str) -> str:
    """What was packed."""
    lines = [
        f"{out}: {counted(len(index.files), 'file')} of '{index.environment}' since {moment(index.since)}, {_size(size)}",
        *_searched(index),
        *_left_out(index.left_out),
        digest,
        f"look at it: freqtrain incident show {out}",
    ]
    return _text(lines)


def case_text(found: Case, index: Index | None) -> str:
    """What is in an archive, and what its ledger comes to; of a case in a folder only that."""
    return _text([*(_index(index) if index else ()), *_case(found)])


def packed_document(index: Index, digest: str, size: int, out: str) -> dict[str, Plain]:
    """What was packed, for programs."""
    return {"outcome": "DONE", "file": out, "digest": digest, "bytes": size, "index": plain(index)}


def case_document(found: Case, index: Index | None) -> dict[str, Plain]:
    """The same as `case_text` for programs."""
    sound = not found.breaks and found.state is not None
    return {"outcome": "DONE" if sound else "LOOK", "case": told(found), "index": plain(index)}


def checked_text(found: Mapping[str, Sequence[str]]) -> str:
    """Whether cases are as they were expected to be; where one is not, in what."""
    lines: list[str] = []
    for place, differences in found.items():
        lines.append(f"{place}: {counted(len(differences), 'difference') if differences else 'as expected'}")
        lines += [f"  {difference}" for difference in differences]
    return _text(lines)


def checked_document(found: Mapping[str, Sequence[str]]) -> dict[str, Plain]:
    """The same for programs."""
    cases: list[Plain] = [{"case": place, "differences": list(differences)} for place, differences in found.items()]
    return {"outcome": "FAIL" if any(found.values()) else "PASS", "cases": cases}


def again_text(found: Case) -> str:
    """Whether what a case braked and decided comes to the same again, and where it does not; nothing of one that was packed without that."""
    if found.material is None or found.state is None:
        return ""
    replayed = again(found)
    return _text([_counted(replayed), *(f"  ! {fact}" for fact in replayed.differences)])


def replayed_text(found: Mapping[str, Replayed]) -> str:
    """What was braked and decided in cases, and what the code of today says of each; what was not computed again, and why."""
    lines: list[str] = []
    for place, one in found.items():
        lines += [f"{place}: {_counted(one)}", *_entries(one)]
        lines += [f"  - {left}" for left in one.left[:LISTED]]
        if len(one.left) > LISTED:
            lines.append(
                f"  and {len(one.left) - LISTED} more that come from something that is not packed; --json tells all"
            )
    return _text(lines)


def replayed_document(found: Mapping[str, Replayed]) -> dict[str, Plain]:
    """The same for programs. INCONCLUSIVE: nothing was braked or decided that could be computed again."""
    cases: list[Plain] = [
        {"case": place, "same": not one.differences, "again": plain(one.again), "left": plain(one.left)}
        for place, one in found.items()
    ]
    return {"outcome": replayed_outcome(found).name, "cases": cases}


def replayed_outcome(found: Mapping[str, Replayed]) -> Outcome:
    """FAIL where something differs; INCONCLUSIVE where nothing could be computed again."""
    if any(one.differences for one in found.values()):
        return Outcome.FAIL
    return Outcome.PASS if any(one.again for one in found.values()) else Outcome.INCONCLUSIVE


def _index(index: Index) -> Iterator[str]:
    yield f"'{index.environment}' from {moment(index.since)} to {moment(index.made_at)}"
    yield ", ".join(f"{name} {text}" for name, text in sorted(index.versions.items()))
    yield ""
    groups: dict[str, list[int]] = {}
    for file in index.files:
        groups.setdefault(file.path.split("/", 1)[0], []).append(file.size)
    for name, sizes in groups.items():
        yield f"  {name}: {counted(len(sizes), 'file')}, {_size(sum(sizes))}"
    for bundle in index.bundles:
        there = "" if bundle.packed else " (its content is not here)"
        yield f"  bundle {short(bundle.bundle)} of {', '.join(bundle.strategies)}{there}"
    yield from _searched(index)
    yield from _left_out(index.left_out)
    yield f"every digest in it holds: {counted(len(index.files), 'file')}"
    yield ""


def _searched(index: Index) -> Iterator[str]:
    made = index.searched
    short_ones = f"; {counted(made.short, 'secret')} of fewer than 8 characters could not be" if made.short else ""
    yield f"{counted(made.secrets, 'text')} of secrets searched for, and none is in it{short_ones}; {counted(made.redacted, 'text')} blacked out"


def _left_out(left: Sequence[LeftOut]) -> Iterator[str]:
    yield from (f"  not in it: {one.what}: {one.why}" for one in left[:LISTED])
    if len(left) > LISTED:
        yield f"  and {len(left) - LISTED} more that are not in it; --json tells all"


def _case(found: Case) -> Iterator[str]:
    last = f", the last one at {found.entries[-1].at:%Y-%m-%d %H:%M:%S} UTC" if found.entries else ""
    yield f"its ledger: {counted(len(found.entries), 'entry')}{last}"
    yield from (f"  ! {told}" for told in found.breaks)
    if found.state is None:
        yield from (f"  ! {line}" for line in found.problem.splitlines())
        return
    if found.state.away:
        yield f"  the environment {found.state.away}"
    for one in found.state.strategies.values():
        yield from _strategy(one, found.state)
    for plan in after_a_reboot(found):
        yield f"  after a reboot, {plan.strategy}: {plan.reason} ({counted(len(plan.steps), 'step')})"
    for block in found.state.blocks.values():
        yield f"  blocked: {short(block.bundle)} of {block.strategy} by {block.by}: {block.reason}"
    if found.material is not None:
        replayed = again(found)
        yield f"  {_counted(replayed)}"
        yield from (f"  ! {fact}" for fact in replayed.differences)


def _counted(one: Replayed) -> str:
    if not one.again:
        return "nothing that was braked or decided can be computed again"
    same = len(one.again) - len(one.differences)
    return f"braked and decided again: {counted(len(one.again), 'entry')} of the ledger, {same} with the same outcome and reason"


def _entries(one: Replayed) -> Iterator[str]:
    for fact in one.again:
        yield f"  {'=' if fact.same else '!'} line {fact.line}, {moment(fact.at)}, {fact.strategy}: {fact.what}"
        yield f"      recorded: {fact.recorded}"
        if not fact.same:
            yield f"      today: {fact.today}"


def _strategy(one: StrategyState, state: EnvironmentState) -> Iterator[str]:
    name = plain_text(one.strategy, NAME_LIMIT)
    if one.standing is None:
        yield f"  {name}: nothing stood"
    else:
        since = next((made.since_at for made in reversed(one.deployments) if made.until_at is None), None)
        yield f"  {name}: {short(one.standing.bundle)} stood in slot {one.standing.slot}, since {moment(since)}"
        good = state.known_good(one.strategy, besides=one.standing.bundle)
        yield f"    would go back to {short(good)}" if good else "    no other bundle is known to be good"
    if one.progress:
        target = short(one.progress.target.bundle) if one.progress.target else "what should run"
        step = f", in the step {one.progress.step}" if one.progress.step else ""
        yield f"    under way: {one.progress.purpose.value.replace('_', ' ')} of {target}{step}"
    bundle = one.standing.bundle if one.standing else ""
    yield from (f"    held: {hold}" for hold in (state.holds(one.strategy, bundle) if bundle else one.holds))
    if one.decided:
        yield f"    decided at {moment(one.decided_at)}: {one.decided.decision.replace('_', ' ')}: {' '.join(one.decided.reasons)}"


def _size(size: int) -> str:
    return f"{size / 2**20:.1f} MiB" if size >= 1 << 20 else f"{size / 1024:.1f} KiB"


def _text(lines: Sequence[str]) -> str:
    """Indents stay, since they are ours; everything else that somebody wrote stands on one line."""
    kept = [line[: len(line) - len(line.lstrip(" "))] + plain_text(line, 2000) for line in lines]
    return no_commands("".join(f"{line}\n" for line in kept))
