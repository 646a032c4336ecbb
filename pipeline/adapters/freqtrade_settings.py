"""freqtrade's own word on configurations, asked in a child process that sees nothing else."""

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.adapters.clean_environment import clean_environment
from pipeline.adapters.process import run
from pipeline.domain.canonical import Plain
from pipeline.errors import ToolFailed

TIMEOUT_SECONDS = 120.0
BOOTSTRAP = "import sys; sys.path.insert(0, {root!r}); from pipeline.adapters.freqtrade.settings import main; main()"
"""Isolated mode ignores the folder and the environment that it is started from."""
_ROOT = str(Path(__file__).resolve().parents[2])

Complaint = tuple[tuple[str | int, ...], str]
"""The way to a value in a configuration, and a sentence."""


def complaints(configurations: Sequence[Mapping[str, Plain]]) -> tuple[tuple[Complaint, ...], ...]:
    """What freqtrade has to say against each of the configurations; see `pipeline.adapters.freqtrade.settings`.

    Raises:
        ToolFailed: the child died or answered nonsense.
    """
    if not configurations:
        return ()
    with tempfile.TemporaryDirectory(prefix="freqtrain-settings-") as scratch:
        done = run(
            [sys.executable, "-I", "-c", BOOTSTRAP.format(root=_ROOT)],
            timeout_seconds=TIMEOUT_SECONDS,
            cwd=Path(scratch),
            env=clean_environment(Path(scratch)),
            stdin=json.dumps(list(configurations), allow_nan=False).encode(),
        )
    try:
        answer = json.loads(done.out) if done.code == 0 else []
        found = tuple(tuple((tuple(way), str(words)) for way, words in one) for one in answer)
    except (ValueError, TypeError):
        found = ()
    if len(found) != len(configurations):
        last = done.err.strip().splitlines()[-1:] or ["nothing"]
        raise ToolFailed(
            f"freqtrade could not be asked about its settings: it ended with {done.code} and said {last[0]!r}",
            hint="is freqtrade installed as requirements.lock pins it?",
        )
    return found
