"""The engine that a gate compares with, where a change pins another one: a bumped lock runs what it replaces on what was pinned before."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.adapters import pins
from pipeline.adapters.answer_cache import AnswerCache
from pipeline.adapters.earlier_engine import LOCK, earlier_engine
from pipeline.adapters.engine import FreqtradeChild
from pipeline.adapters.sandbox import Sandbox
from pipeline.config.source import decode
from pipeline.domain.canonical import digest_bytes
from pipeline.domain.engine_pins import changed_engine
from pipeline.flows.gate_measure import EarlierEngine
from pipeline.flows.gate_select import Change, Entrant
from pipeline.ports import Narrator


def earlier(
    change: Change | None,
    found: Sequence[Entrant],
    sandbox: Sandbox | None,
    cache: AnswerCache | None,
    user_data: Path,
    scratch: Path,
    narrator: Narrator,
) -> EarlierEngine | None:
    """The engine that the reference pins, where the change pins another and replaces something.

    Raises:
        ToolFailed: it cannot be installed here.
    """
    if change is None or LOCK not in change.paths or not any(entrant.incumbent for entrant in found):
        return None
    there, here = scratch / "earlier", change.root / LOCK
    if not here.is_file() or not change.repository.export(change.ref, LOCK, there):
        return None
    lock = (there / LOCK).read_bytes()
    changes = changed_engine(decode(lock, LOCK), decode(here.read_bytes(), LOCK))
    if not changes:
        return None
    narrator.say(f"the engine changed since {change.ref}: what it replaces runs on the one that was pinned there")
    python = earlier_engine(lock, user_data / "cache" / "engines", narrator)
    identity = {**pins.engine_identity(), "earlier lock": digest_bytes(lock)}
    identity |= {name: old for name, (old, _) in changes.items()}
    return EarlierEngine(FreqtradeChild(sandbox, cache, str(python)), identity, changes)
