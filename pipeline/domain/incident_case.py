"""What a case's ledger comes to: folded as the train folds it, told as plain data, and compared with what was expected of it."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.domain.canonical import Plain, plain
from pipeline.domain.incident import LedgerNamed
from pipeline.domain.incident_material import Material
from pipeline.domain.ledger import Break, Entry, Head, read_entry, verify
from pipeline.domain.ledger_end import ends_with, head_of, left_by_crash, lines_of
from pipeline.domain.train.converge import converge
from pipeline.domain.train.fold import fold_ledger
from pipeline.domain.train.plan import Plan
from pipeline.domain.train.state import EnvironmentState, StrategyState
from pipeline.errors import Refused

if TYPE_CHECKING:
    from pipeline.domain.incident_replay import Again, Replayed


@dataclass(frozen=True, slots=True)
class Case:
    """A ledger as far as its chain holds. `state` is None where its entries are not understood; `problem` says why then.

    `material` is what its brakes and decisions can be computed from again; None where it was not packed.
    """

    environment: str
    entries: tuple[Entry, ...]
    breaks: tuple[str, ...]
    state: EnvironmentState | None
    problem: str = ""
    material: Material | None = None

    @property
    def named(self) -> LedgerNamed:
        """As an index tells it."""
        return LedgerNamed(len(self.entries), self.entries[-1].hash if self.entries else "", self.breaks)


def case(environment: str, ledger: bytes, head: bytes, material: Material | None = None) -> Case:
    """The case in the two files of a ledger, with what was packed to compute it again.

    What a crash left behind its end is no break, as for whoever reads a ledger.
    """
    lines, told, breaks = _read(ledger, head)
    breaks = (*breaks, *verify(lines, told))
    whole = min((found.line - 1 for found in breaks if found.line), default=len(lines))
    entries = tuple(_entries(lines[:whole]))
    try:
        state, problem = fold_ledger(entries, environment), ""
    except Refused as error:
        state, problem = None, error.message
    return Case(environment, entries, tuple(map(str, breaks)), state, problem, material)


def told(found: Case) -> dict[str, Plain]:
    """The case as plain data, which names no time but those of the ledger: equal ledgers are told equally, on every machine."""
    named: dict[str, Plain] = {
        "environment": found.environment,
        "entries": len(found.entries),
        "last": found.named.hash,
        "breaks": list(found.breaks),
        "problem": found.problem,
        "kinds": dict(sorted(Counter(entry.kind for entry in found.entries).items())),
    }
    state = found.state
    if state is None:
        return {**named, "state": None, "after_a_reboot": {}}
    return {
        **named,
        "state": {
            "strategies": {name: _strategy(one, state) for name, one in sorted(state.strategies.items())},
            "blocks": {name: plain(block) for name, block in sorted(state.blocks.items())},
            "away": str(state.away) if state.away else "",
        },
        "after_a_reboot": {
            plan.strategy: {"why": plan.reason, "steps": [str(step) for step in plan.steps]}
            for plan in after_a_reboot(found)
        },
        **({"again": [_again(one) for one in again(found).again]} if found.material is not None else {}),
    }


def again(found: Case) -> "Replayed":
    """What was braked and decided, computed again; nothing where the ledger is not understood, or nothing was packed for it."""
    from pipeline.domain.incident_replay import Replayed, replay  # deciding takes pandas, and packing does not decide

    if found.material is None or found.state is None:
        return Replayed()
    return replay(found.environment, found.entries, found.material)


def after_a_reboot(found: Case) -> tuple[Plan, ...]:
    """What converging would do were nothing running at the ledger's end: one plan for each strategy that is not as it should be."""
    if found.state is None or found.state.away or not found.entries:
        return ()
    return converge((), found.state, found.entries[-1].at)


def differences(expected: Plain, found: Plain, where: str = "") -> tuple[str, ...]:
    """Where two cases differ, a line each: the way to the value, what was expected, and what is there."""
    return tuple(_differences(expected, found, where))


def _differences(expected: Plain, found: Plain, where: str) -> Iterator[str]:
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        for key in sorted({*expected, *found}):
            way = f"{where}.{key}" if where else key
            if key not in found:
                yield f"{way}: expected {_shown(expected[key])}, and there is nothing"
            elif key not in expected:
                yield f"{way}: {_shown(found[key])}, and nothing was expected"
            else:
                yield from _differences(expected[key], found[key], way)
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for number, (one, other) in enumerate(zip(expected, found, strict=True)):
            yield from _differences(one, other, f"{where}[{number}]")
    elif expected != found:
        yield f"{where}: expected {_shown(expected)}, found {_shown(found)}"


def _shown(value: Plain) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= 300 else f"{text[:299]}…"


def _again(one: "Again") -> Plain:
    return {
        "line": one.line,
        "strategy": one.strategy,
        "what": one.what,
        "recorded": one.recorded,
        "today": one.today,
    }


def _strategy(one: StrategyState, state: EnvironmentState) -> Plain:
    standing, progress = one.standing, one.progress
    holds = state.holds(one.strategy, standing.bundle) if standing else one.holds
    return {
        "standing": plain(standing),
        "deployments": [plain(made) for made in one.deployments],
        "progress": None
        if progress is None
        else {"purpose": progress.purpose.value, "target": plain(progress.target), "step": str(progress.step or "")},
        "drain": plain(one.drain),
        "retirement": plain(one.retirement),
        "holds": [str(hold) for hold in holds],
        "known_good": state.known_good(one.strategy),
        "goes_back_to": state.known_good(one.strategy, besides=standing.bundle) if standing else "",
        "promoted": one.promoted,
        "observed": {
            bundle: {"healthy_hours": seen.healthy_hours, "closed_trades": seen.closed_trades}
            for bundle, seen in sorted(one.observed.items())
        },
        "decided": plain(one.decided),
        "counts_since": plain(one.counts_since),
    }


def _read(content: bytes, head: bytes) -> tuple[list[bytes], Head, tuple[Break, ...]]:
    lines = lines_of(content)
    try:
        value = json.loads(head)
        known = Head(int(value["length"]), int(value["size"]), str(value["hash"]))
    except (ValueError, TypeError, KeyError, RecursionError):
        missing = () if not (content or head) else (Break(0, "its head file is missing, or was edited"),)
        return lines, head_of(lines) if content else Head(), missing
    if not 0 <= known.size < len(content) or not ends_with(content[: known.size], known):
        return lines, known, ()
    new, torn = left_by_crash(content[known.size :], known)
    return lines_of(content[: len(content) - len(torn)]), new or known, ()


def _entries(lines: Sequence[bytes]) -> Iterator[Entry]:
    for text in lines:
        try:
            yield read_entry(text)
        except ValueError:  # told as a break
            return
