"""Ruff with a configuration of our own, whatever a strategy brings along."""

import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, TypeAdapter, ValidationError

from pipeline.adapters.process import run
from pipeline.domain.lint import LINT, is_readable
from pipeline.domain.verdict import Finding, Outcome, Place
from pipeline.errors import ToolFailed

ERRORS = ("E9", "F404", "F50", "F52", "F63", "F7", "F82")
"""What cannot run or cannot mean what it says: syntax, undefined names, formats that do not fit, comparisons by identity with literals,
`return` outside of functions. `noqa` does not silence them."""

STYLE = ("E4", "E7", "F", "W6", "B", "NPY", "PLE")
"""What a reviewer would mention. `noqa` silences it."""

IGNORED = ("F403", "F405", "B905", "E501")
"""Matters of taste, and `from freqtrade.strategy import *`, which names what it exports."""

TIMEOUT_SECONDS = 60.0
MOST_OF_ONE_RULE = 25
"""More findings of one rule are counted, not listed."""


class Ruff:
    """Runs the ruff that is installed beside this Python: the program itself, or through Python where it lies elsewhere."""

    def __init__(self, python: str = sys.executable, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        beside = str(Path(python).with_name("ruff"))
        self._command = (beside,) if os.access(beside, os.X_OK) else (python, "-m", "ruff")
        self._timeout_seconds = timeout_seconds

    def lint(self, files: Mapping[str, bytes]) -> Sequence[Finding]:
        """Findings (check "lint", rule = ruff's code) for the Python files among `files`, by path relative to the strategy's folder.

        Files that our own rules cannot read are left out: those rules say so already.

        Raises:
            ToolFailed: ruff is missing, did not end, or answered nonsense.
        """
        code = {path: content for path, content in files.items() if _is_python(path) and is_readable(path, content)}
        if not code:
            return ()
        with tempfile.TemporaryDirectory(prefix="freqtrain-ruff-") as name:
            folder = Path(name).resolve()
            for path, content in code.items():
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(content)
            with ThreadPoolExecutor(1) as pool:
                second = pool.submit(self._check, folder, STYLE)
                errors, style = self._check(folder, ERRORS, "--ignore-noqa"), second.result()
        stopped = {(message.rule, place) for message, place in errors}
        return (
            *_findings(errors, warning=False),
            *_findings([(m, place) for m, place in style if (m.rule, place) not in stopped], warning=True),
        )

    def _check(self, folder: Path, rules: tuple[str, ...], *options: str) -> list[tuple["_Message", Place]]:
        done = run(
            [
                *(*self._command, "check", "--isolated", "--no-cache", "--exit-zero", "--no-fix", "--no-preview"),
                *("--no-respect-gitignore", "--output-format", "json", "--target-version", "py311"),
                *("--select", ",".join(rules), "--ignore", ",".join(IGNORED), *options, "."),
            ],
            timeout_seconds=self._timeout_seconds,
            cwd=folder,
            env={"NO_COLOR": "1"},
        )
        if done.code != 0:
            raise ToolFailed(
                f"ruff ended with {done.code}: {done.err.strip()[-500:]}",
                hint="reinstall the dependencies: `make install`",
            )
        try:
            messages = _MESSAGES.validate_json(done.out)
            return [
                (m, Place(Path(m.filename).relative_to(folder).as_posix(), m.location.row, m.location.column))
                for m in messages
            ]
        except (ValidationError, ValueError) as error:
            raise ToolFailed(
                "ruff answered something that is not its list of findings", hint="is another ruff installed?"
            ) from error


class _Location(BaseModel):
    row: int
    column: int


class _Message(BaseModel):
    code: str | None
    message: str
    filename: str
    location: _Location

    @property
    def rule(self) -> str:
        return self.code or "invalid-syntax"


_MESSAGES = TypeAdapter(list[_Message])


def _findings(messages: Iterable[tuple[_Message, Place]], *, warning: bool) -> list[Finding]:
    outcome = Outcome.PASS if warning else Outcome.FAIL
    found: list[Finding] = []
    count: dict[str, int] = defaultdict(int)
    for message, place in messages:
        count[message.rule] += 1
        if count[message.rule] <= MOST_OF_ONE_RULE:
            text = " ".join(message.message.split())
            found.append(Finding(LINT, message.rule, outcome, f"{text.rstrip('.')}.", place, warning))
    for rule, number in count.items():
        if number > MOST_OF_ONE_RULE:
            told = f"{number - MOST_OF_ONE_RULE} more of the same kind are not listed."
            found.append(Finding(LINT, rule, outcome, told, None, warning))
    return found


def _is_python(path: str) -> bool:
    """A Python file within the folder; a path that leads out of it is never written."""
    parts = PurePosixPath(path)
    return parts.suffix == ".py" and not parts.is_absolute() and ".." not in parts.parts
