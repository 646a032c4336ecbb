"""Roll-backs for people and for programs: what was taken back, what came back, and why."""

from collections.abc import Sequence

from pipeline.domain.canonical import Plain, plain
from pipeline.domain.train.roll_backs import RollBack
from pipeline.domain.train.steps import short
from pipeline.errors import ExitCode
from pipeline.render.plain import no_commands, plain_text


def text(roll_backs: Sequence[RollBack], problems: Sequence[str] = ()) -> str:
    """`<time> <environment> <strategy>: <what> by <whom>: <why>`, the oldest first; then what could not be read."""
    lines = [*(_line(one) for one in roll_backs), *problems]
    return no_commands("".join(f"{plain_text(line)}\n" for line in lines or ["Nothing was rolled back."]))


def document(
    roll_backs: Sequence[RollBack], code: ExitCode = ExitCode.DONE, told: str = "", hint: str = ""
) -> dict[str, Plain]:
    """The same for a program; `told` says what went wrong, where something did."""
    listed = [plain(one) for one in roll_backs]
    return {"outcome": code.name, "told": told, "hint": hint, "roll_backs": listed}


def outputs(roll_backs: Sequence[RollBack], code: ExitCode) -> str:
    """For GITHUB_OUTPUT of the job that asks a device: whether another machine may be spared, because there is nothing to be told."""
    return f"nothing={'true' if not roll_backs and code is ExitCode.DONE else 'false'}\n"


def _line(one: RollBack) -> str:
    to = short(one.to) if one.to else "nothing, because no bundle is known to be good"
    what = f"{short(one.bundle)} was taken back to {to}" if one.ended_at else f"{short(one.bundle)} is on its way back"
    return f"{one.began_at:%Y-%m-%d %H:%M:%S} {one.environment} {one.strategy}: {what}, by {one.by}: {one.reason}"
