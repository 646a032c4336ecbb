"""The homes of one environment's bots on this device: the folders that their entry point reads, and the brakes that lie in them."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from pipeline.adapters import bot_brake
from pipeline.adapters.bot_api import BotApi, of_home
from pipeline.adapters.bot_databases import database_file, held_by
from pipeline.adapters.bot_engine import Footing, footing
from pipeline.adapters.bot_home_files import PRIVATE, READ_ONLY, alone, make_private, put_home, remove_homes
from pipeline.adapters.bot_home_secrets import (
    ACCOUNT_FILE,
    BOTS,
    PUBLIC_FILE,
    SECRET_FILE,
    access_in,
    new_access,
    same_key,
    secrets_for,
)
from pipeline.adapters.bot_home_terms import terms_in
from pipeline.adapters.bot_logs import keep_log
from pipeline.domain.bot import BotSpec
from pipeline.domain.bot_settings import BRAKE_FILE, SETTINGS_FILE, BotSettings
from pipeline.domain.bundle_manifest import BundleManifest, StoredBundle
from pipeline.domain.canonical import Plain, digest_bytes, plain
from pipeline.domain.image import IMAGE_FILE
from pipeline.domain.strategy import ID_PATTERN
from pipeline.domain.trading import Secrets, TradingEnvironment
from pipeline.domain.trading.environment import pairs_for
from pipeline.domain.train.account import Account, against_sharing
from pipeline.domain.train.steps import SLOTS, api_port, bot_name, short
from pipeline.domain.train.terms import Terms
from pipeline.errors import Refused, ToolFailed, UsageError
from pipeline.ports import Clock, Images
from pipeline.render import bot_configuration
from pipeline.render.bot_configuration import THROTTLE_SECONDS, ApiAccess, public_configuration, secret_configuration

LEASE_SECONDS = 900.0
LEASE_FILE = "lease"
STRATEGY = "strategy"
LOGS = "logs"


class BotHomes:
    """See `ports.Homes`. A home is `<device home>/<environment>/bots/<name>/`, for its owner alone.

    Args:
        home: the device's home.
        secrets: what was injected; None where nothing was, as for a roll-back on the device.
        own_secrets: the same of the strategies that have an account of their own.
        first_port: of the environment's APIs; each strategy takes two.
        lease_seconds: how old the watch's lease may be, before a live bot stops entering.
        ccxt_config: for the rehearsal alone, which leads its bots to the loopback.
        rehearsal: a live environment takes bundles too that no evidence allows to trade real money.
        images: those of the device where bots run in containers; None where they do not.
    """

    def __init__(
        self,
        home: Path,
        environment: TradingEnvironment,
        clock: Clock,
        secrets: Secrets | None = None,
        *,
        first_port: int,
        own_secrets: Mapping[str, Secrets] | None = None,
        lease_seconds: float = LEASE_SECONDS,
        throttle_seconds: int = THROTTLE_SECONDS,
        ccxt_config: Mapping[str, Plain] | None = None,
        rehearsal: bool = False,
        images: Images | None = None,
    ) -> None:
        self._home = home.resolve()
        self._environment = environment
        self._clock = clock
        self._secrets = secrets
        self._own_secrets = own_secrets
        self._first_port = first_port
        self._lease_seconds = lease_seconds
        self._throttle_seconds = throttle_seconds
        self._ccxt_config = ccxt_config
        self._rehearsal = rehearsal
        self._images = images
        self._bots = self._home / environment.name / BOTS

    def spec(self, strategy: str, slot: str, bundle: str, place: int) -> BotSpec:
        """See `ports.Homes`."""
        if not re.fullmatch(ID_PATTERN, strategy):
            raise UsageError(f"{strategy!r} is no strategy's id")
        name = bot_name(self._environment.name, strategy, slot)
        return BotSpec(
            name=name,
            environment=self._environment.name,
            strategy=strategy,
            bundle=bundle,
            home=str(self._bots / name),
            api_port=api_port(self._first_port, place, slot),
            memory_mib=self._environment.memory_mib,
            stop_seconds=self._environment.stop_seconds,
        )

    def against(self, spec: BotSpec, stored: StoredBundle) -> tuple[str, ...]:
        """See `ports.Homes`."""
        return tuple(f"{problem}: {hint}" for problem, hint in self._footing(spec, stored).problems)

    def prepare(self, spec: BotSpec, stored: StoredBundle, hold: str) -> str:
        """See `ports.Homes`. Without `hold`, a brake that lies in the old home stays."""
        secrets, on = self._demand(spec, stored)
        home = Path(spec.home)
        try:
            make_private(self._bots)
            with alone(self._home), alone(self._bots):
                self._against_sharing(spec)  # once more: another environment may have been given the key meanwhile
                files = self._files(spec, stored, secrets, self._access(spec))
                if self._images is not None and on.image is not None:
                    self._images.keep(on.image)
                    files[IMAGE_FILE] = (_json({"image": on.image.reference}), PRIVATE)
                brake = bot_brake.content(hold, self._clock) if hold else _present(home / BRAKE_FILE)
                put_home(home, files if brake is None else {**files, BRAKE_FILE: (brake, PRIVATE)})
        except OSError as error:
            told = f"{home}: the bot's home could not be written: {error.strerror or error}"
            raise ToolFailed(
                told, hint="make room on the disk, or mend its rights; what was there stays as it was"
            ) from error
        return on.note

    def hold(self, spec: BotSpec, reason: str) -> None:
        """See `ports.Homes`."""
        bot_brake.hold(Path(spec.home), reason, self._clock)

    def unhold(self, spec: BotSpec) -> None:
        """See `ports.Homes`."""
        bot_brake.unhold(Path(spec.home))

    def held(self, spec: BotSpec) -> str:
        """See `ports.Homes`."""
        return bot_brake.held(Path(spec.home))

    def bot(self, spec: BotSpec) -> BotApi:
        """See `ports.Homes`."""
        return of_home(Path(spec.home), spec.api_port, self._clock, SECRET_FILE)

    def keep_log(self, spec: BotSpec, text: str) -> None:
        """See `ports.Homes`. It lies in `<device home>/<environment>/logs/`."""
        folder = self._home / self._environment.name / LOGS
        try:
            keep_log(folder, spec.name, text, self._clock.now())
        except OSError as error:
            raise ToolFailed(
                f"{folder}: the log of {spec.name} could not be kept: {error.strerror or error}"
            ) from error

    def terms(self, spec: BotSpec) -> Terms | None:
        """See `ports.Homes`."""
        return terms_in(spec, database_file(self._home, self._environment, spec.strategy))

    def clear(self, strategy: str) -> bool:
        """See `ports.Homes`."""
        if not self._bots.is_dir():
            return False
        names = [bot_name(self._environment.name, strategy, slot) for slot in SLOTS]
        try:
            with alone(self._bots):
                return remove_homes([self._bots / name for name in names], SECRET_FILE)
        except OSError as error:
            told = f"the homes of '{strategy}' could not be removed: {error.filename}: {error.strerror or error}"
            raise ToolFailed(told, hint=f"remove them by hand: {', '.join(names)} in {self._bots}") from error

    def sharing(self, spec: BotSpec) -> tuple[Account, ...]:
        """See `ports.Homes`. Keys are compared where they lie: no trace of one is kept beside them."""
        key = self._secrets_of(spec.strategy).access_key
        own = spec.strategy if self._environment.own_account(spec.strategy) else ""
        return same_key(self._home, Account(self._environment.name, own), key) if key else ()

    def _secrets_of(self, strategy: str) -> Secrets:
        return secrets_for(self._environment, self._secrets, self._bots, strategy, self._own_secrets)

    def _against_sharing(self, spec: BotSpec) -> None:
        if told := against_sharing(self._environment, spec.strategy, self.sharing(spec)):
            raise Refused("\n".join(told), hint="each account has a key of its own")

    def _footing(self, spec: BotSpec, stored: StoredBundle) -> Footing:
        return footing(spec, stored, self._images, live=not self._environment.dry_run)

    def _demand(self, spec: BotSpec, stored: StoredBundle) -> tuple[Secrets, Footing]:
        """The bot's secrets, and what it runs on. Refuses a bundle that cannot run there, with everything that speaks against it."""
        ours = (self._environment.name, str(self._bots / spec.name))
        theirs = (spec.environment, spec.home)
        if ours != theirs or (spec.strategy, spec.bundle) != (stored.bundle.strategy, stored.digest):
            raise Refused(f"{spec.name} ({short(spec.bundle)}) is no bot of '{self._environment.name}' for this bundle")
        on = self._footing(spec, stored)
        found = [*on.problems, *self._against_evidence(stored)]
        try:
            pairs_for(self._environment, stored.bundle.pairs)
        except ValueError as error:
            found.append((f"{error}", f"compare `pairs` of '{self._environment.name}' with those of the strategy"))
        try:
            secrets = self._secrets_of(spec.strategy)
        except Refused as error:
            found.append((error.message, error.hint))
        if found:
            told = "\n".join(problem for problem, _ in found)
            raise Refused(f"{spec.strategy} ({short(spec.bundle)}): {told}", hint="; ".join(hint for _, hint in found))
        return secrets, on

    def _against_evidence(self, stored: StoredBundle) -> list[tuple[str, str]]:
        if self._environment.dry_run or self._rehearsal or stored.for_live is not None:
            return []
        reasons = " ".join(stored.newest.against_live)
        return [(f"it may not trade real money: {reasons}", "cut it from a commit, judged on an exchange's own data")]

    def _files(
        self, spec: BotSpec, stored: StoredBundle, secrets: Secrets, access: ApiAccess
    ) -> dict[str, tuple[bytes, int]]:
        bundle, database = stored.bundle, database_file(self._home, self._environment, spec.strategy)
        settings = self._settings(spec, stored, database)
        try:
            public = public_configuration(
                self._environment,
                bot_configuration.BotSettings(
                    bot_name=spec.name,
                    database_url=f"sqlite:///{database}",
                    api_port=spec.api_port,
                    capital=settings.capital,
                    pairs=pairs_for(self._environment, bundle.pairs),
                    timeframe=bundle.timeframe,
                    order_types=dict(self._manifest(stored).facts.order_types),
                    throttle_seconds=self._throttle_seconds,
                ),
                ccxt_config=self._ccxt_config,
            )
        except ValueError as error:
            raise Refused(str(error), hint=f"`freqtrain environment check {self._environment.name}`") from error
        return {
            SETTINGS_FILE: (_json(plain(settings)), PRIVATE),
            PUBLIC_FILE: (_json(public), PRIVATE),
            ACCOUNT_FILE: (
                _json({"strategy": spec.strategy if self._environment.own_account(spec.strategy) else ""}),
                PRIVATE,
            ),
            SECRET_FILE: (_json(secret_configuration(self._environment, secrets, access)), PRIVATE),
            **{f"{STRATEGY}/{path}": (content, READ_ONLY) for path, content in bundle.files.items()},
        }

    def _settings(self, spec: BotSpec, stored: StoredBundle, database: Path) -> BotSettings:
        live = not self._environment.dry_run
        return BotSettings(
            name=spec.name,
            environment=spec.environment,
            strategy=spec.strategy,
            bundle=stored.digest,
            class_name=stored.bundle.class_name,
            mode=self._environment.mode.value,
            capital=self._environment.limits.capital_per_bot,
            strategy_dir=STRATEGY,
            database=str(database),
            config_files=(PUBLIC_FILE, SECRET_FILE),
            lease_file=str(self._home / self._environment.name / LEASE_FILE) if live else "",
            lease_seconds=self._lease_seconds if live else 0.0,
            strategy_files={path: digest_bytes(content) for path, content in sorted(stored.bundle.files.items())},
            loopback_only=self._rehearsal,
        )

    def _manifest(self, stored: StoredBundle) -> BundleManifest:
        """The one on which the bundle trades there."""
        return stored.newest if self._environment.dry_run else stored.for_live or stored.newest

    def _access(self, spec: BotSpec) -> ApiAccess:
        """New for every home; but while a bot of that name trades, it answers to the password that it was started with."""
        lock = database_file(self._home, self._environment, spec.strategy)
        known = access_in(Path(spec.home)) if held_by(lock) == spec.name else None
        return known or new_access()


def _present(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _json(value: Plain) -> bytes:
    """Plain ASCII, so that no locale reads it otherwise."""
    return json.dumps(value, indent=1, allow_nan=False).encode() + b"\n"
