"""What only an environment of full weight asks of its device: encryption, backups elsewhere, privacy, and two persons."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.domain.preflight import Checked, Standing
from pipeline.domain.preflight_device import SET_UP

BACKED_UP_WITHIN = timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class Backups:
    """Where backups go and when the last one was made; `off_device` is false where there are none, or on the device itself."""

    off_device: bool
    last_at: datetime | None = None


def of_full_weight(
    encrypted: bool | None, backups: Backups, private_network: str, two_persons: bool, now: datetime
) -> tuple[Checked, ...]:
    """What only an environment of full weight demands."""
    return (_encryption(encrypted), _backups(backups, now), _network(private_network), _approval(two_persons))


def _encryption(encrypted: bool | None) -> Checked:
    if encrypted:
        return Checked("encryption", Standing.GOOD, "the home lies on an encrypted disk")
    found = (
        "the home's disk is not encrypted"
        if encrypted is False
        else "nobody can tell whether the home's disk is encrypted"
    )
    return Checked(
        "encryption",
        Standing.MISSING,
        f"{found}: whoever takes the card has the keys",
        "put /var/lib/freqtrain on LUKS, as docs/device.md says",
    )


def _backups(found: Backups, now: datetime) -> Checked:
    name = "backups"
    if not found.off_device:
        return Checked(
            name,
            Standing.MISSING,
            "none leave the device",
            f"freqtrain_backup_repository in /etc/freqtrain/settings.yml, then {SET_UP}",
        )
    if found.last_at is None:
        return Checked(name, Standing.MISSING, "none was made yet", "sudo systemctl start freqtrain-backup@ENVIRONMENT")
    told = f"the last one left the device at {found.last_at:%Y-%m-%d %H:%M} UTC"
    if now - found.last_at > BACKED_UP_WITHIN:
        return Checked(name, Standing.MISSING, told, "sudo journalctl --unit 'freqtrain-backup@*' says what stops them")
    return Checked(name, Standing.GOOD, told)


def _network(kind: str) -> Checked:
    known = {"wireguard": "WireGuard", "tailscale": "Tailscale"}
    if kind in known:
        return Checked("private network", Standing.GOOD, f"APIs are reached over {known[kind]} alone")
    return Checked(
        "private network", Standing.GOOD, "APIs are reached from the device alone (over ssh, docs/device.md)"
    )


def _approval(two_persons: bool) -> Checked:
    if two_persons:
        return Checked("approval", Standing.GOOD, "somebody else than the author signs")
    return Checked(
        "approval",
        Standing.OPTIONAL,
        "the author may sign (team: solo)",
        "approval.team: several, once there are two of you",
    )
