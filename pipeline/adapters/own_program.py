"""How this very program is started once more: by this interpreter and this package, wherever it is started."""

import sys
from pathlib import Path

import pipeline

ROOT = str(Path(pipeline.__file__).resolve().parent.parent)
_RUN = (
    "import sys, runpy; {root!r} in sys.path or sys.path.insert(0, {root!r}); "
    "runpy.run_module('pipeline', run_name='__main__', alter_sys=True)"
)


def own_program(*words: str) -> tuple[str, ...]:
    """`freqtrain WORDS`; no variable of Python's decides what is run."""
    return (sys.executable, "-I", "-c", _RUN.format(root=ROOT), *words)
