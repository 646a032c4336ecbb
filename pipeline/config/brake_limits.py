"""Mode, runtime and brakes of an environment, for whoever only shows them: the file is checked where something depends on it."""

import re
from collections.abc import Mapping
from pathlib import Path

from pipeline.config.small_yaml import parse_text, scalar
from pipeline.domain.canonical import Plain
from pipeline.domain.exposition.catalogue import BRAKES
from pipeline.domain.exposition.device import Written
from pipeline.errors import ToolFailed

LARGEST_BYTES = 1 << 20
_VARIABLE = re.compile(r"\$\{([A-Z_][A-Z0-9_]*)\}")
_PERCENT = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?%")


def written(file: Path, variables: Mapping[str, str]) -> Written:
    """What the file says, with the variables in its leaves; a limit that is none is left out.

    Raises:
        ToolFailed: it cannot be read, or is no environment's file.
    """
    hint = "`freqtrain environment check` tells more"
    try:
        with file.open("rb") as opened:
            parsed = parse_text(opened.read(LARGEST_BYTES).decode("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise ToolFailed(f"{file.name} cannot be read: {error}", hint=hint) from error
    data = parsed.data if isinstance(parsed.data, dict) else {}
    mode = _filled(data.get("mode"), variables)
    if parsed.problems or not isinstance(mode, str):
        raise ToolFailed(f"{file.name} is no environment's file", hint=hint)
    brakes = data.get("brakes")
    limits = {name: _limit(brakes.get(name), variables) for name in BRAKES} if isinstance(brakes, dict) else {}
    runtime = _filled(data.get("runtime"), variables)
    return Written(
        "" if "${" in mode else mode,
        {name: limit for name, limit in limits.items() if limit is not None},
        runtime if isinstance(runtime, str) else "",
    )


def _limit(brake: Plain, variables: Mapping[str, str]) -> float | None:
    value = _filled(brake.get("limit"), variables) if isinstance(brake, dict) else None
    if isinstance(value, str) and (share := _PERCENT.fullmatch(value)):
        return float(share[1]) / 100
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _filled(value: Plain, variables: Mapping[str, str]) -> Plain:
    match = _VARIABLE.fullmatch(value) if isinstance(value, str) else None
    try:
        return scalar(variables[match[1]]) if match and match[1] in variables else value
    except ValueError:
        return None
