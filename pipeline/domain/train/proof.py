"""When a bot that was started counts as healthy: by its own words, compared with what was asked for."""

from dataclasses import dataclass
from datetime import datetime

from pipeline.domain.bot_report import BotIdentity, Trading
from pipeline.domain.train.steps import short


@dataclass(frozen=True, slots=True)
class Proof:
    """What a bot has to show: its name, bundle and mode, and a loop that is newer than `since_at`, the start of its process (aware UTC)."""

    name: str
    bundle: str
    dry_run: bool
    since_at: datetime


def missing(wanted: Proof, identity: BotIdentity, last_loop_at: datetime | None) -> tuple[str, ...]:
    """What it does not show, one sentence each; none: it is proved.

    That its API answers proves nothing: where the port is taken by an older bot, that one answers, and the new one hangs for ever.
    """
    found = []
    if identity.name != wanted.name:
        found.append(f"'{identity.name}' answers on its port")
    if identity.bundle != wanted.bundle:
        found.append(f"it runs {short(identity.bundle) or 'no bundle'} and not {short(wanted.bundle)}")
    if identity.dry_run != wanted.dry_run:
        found.append("it trades real money" if wanted.dry_run else "it trades no real money")
    if identity.state not in (Trading.PAUSED, Trading.RUNNING):
        found.append(f"its loop is {identity.state.value}")
    if last_loop_at is None:
        found.append("it has finished no loop")
    elif last_loop_at <= wanted.since_at:
        found.append(
            f"its last loop ({last_loop_at:%H:%M:%S} UTC) is older than its start ({wanted.since_at:%H:%M:%S} UTC)"
        )
    return tuple(found)
