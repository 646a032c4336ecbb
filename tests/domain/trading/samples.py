"""Trading environments for tests, each said with what matters."""

from dataclasses import replace
from decimal import Decimal

from pipeline.domain.environment import Mode
from pipeline.domain.trading import (
    Approval,
    Boarding,
    Brake,
    BrakeAction,
    Brakes,
    Promotion,
    RollBack,
    TradingEnvironment,
    TradingLimits,
)

BRAKE = Brake(0.1, BrakeAction.STOP_ENTRIES)

LIVE = TradingEnvironment(
    name="sandbox",
    after="test",
    mode=Mode.LIVE,
    exchange="binance",
    stake_currency="USDT",
    stake=Decimal(20),
    limits=TradingLimits(Decimal(100), Decimal(300), 3),
    boarding=Boarding(24.0, 1),
    brakes=Brakes(BRAKE, BRAKE, BRAKE),
    approval=Approval(required=False),
    promotion=Promotion.MANUAL,
    roll_back=RollBack.BRAKES,
    pairs=("BTC/USDT", "ETH/USDT"),
)

DRY = replace(
    LIVE,
    name="test",
    after="ci",
    mode=Mode.DRY_RUN,
    stake=None,
    limits=TradingLimits(Decimal(1000), None, 5),
    boarding=None,
    dry_run_wallet=Decimal(1000),
)
