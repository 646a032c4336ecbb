"""A sample of a bot's configuration, so that freqtrade can be asked about an environment's settings before there is any bot."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from pipeline.domain.canonical import Plain
from pipeline.domain.environment import Mode
from pipeline.domain.trading import (
    Approval,
    Brake,
    BrakeAction,
    Brakes,
    Promotion,
    RollBack,
    Secret,
    Secrets,
    TradingEnvironment,
    TradingLimits,
)
from pipeline.domain.trading.order import AnyEnvironment
from pipeline.render.bot_configuration import (
    ApiAccess,
    BotSettings,
    public_configuration,
    secret_configuration,
    spliced,
)


def sample_configuration(environment: AnyEnvironment | None, settings: Mapping[str, Plain]) -> dict[str, Plain]:
    """A whole configuration of some bot with these further settings, without any real secret, so that freqtrade can say what it thinks of them.

    All else is as in the environment, or as in some dry-run where that could not be read.
    """
    known = environment if isinstance(environment, TradingEnvironment) else _some_dry_run()
    there = replace(known, freqtrade=dict(settings))
    pairs = there.pairs or (() if there.dynamic_pairs else (f"BTC/{there.stake_currency}",))
    bot = BotSettings("sample", "sqlite://", 8080, there.limits.capital_per_bot, pairs)
    text = Secret("sample")
    access = ApiAccess("sample", text, Secret("sample" * 6), text)
    return spliced(public_configuration(there, bot), secret_configuration(there, Secrets(text, text), access))


def _some_dry_run() -> TradingEnvironment:
    brake = Brake(0.1, BrakeAction.STOP_ENTRIES)
    return TradingEnvironment(
        name="sample",
        after="ci",
        mode=Mode.DRY_RUN,
        exchange="binance",
        stake_currency="USDT",
        stake=None,
        limits=TradingLimits(Decimal(1000), None, 1),
        boarding=None,
        brakes=Brakes(brake, brake, brake),
        approval=Approval(required=False),
        promotion=Promotion.MANUAL,
        roll_back=RollBack.MANUAL,
        dry_run_wallet=Decimal(1000),
    )
