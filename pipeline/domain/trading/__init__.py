"""An Environment in which bots run: what trades there, with how much money, what has to be shown first, and what stops it."""

from pipeline.domain.trading.environment import (
    OpenTrades,
    Promotion,
    RollBack,
    RuntimeKind,
    TradingEnvironment,
    TradingLimits,
)
from pipeline.domain.trading.freeze import DateSpan, Freeze, WallTimeSpan
from pipeline.domain.trading.secrets import OwnKeys, Secret, SecretNames, Secrets
from pipeline.domain.trading.terms import Approval, Boarding, Brake, BrakeAction, Brakes, Team

__all__ = [
    "Approval",
    "Boarding",
    "Brake",
    "BrakeAction",
    "Brakes",
    "DateSpan",
    "Freeze",
    "OpenTrades",
    "OwnKeys",
    "Promotion",
    "RollBack",
    "RuntimeKind",
    "Secret",
    "SecretNames",
    "Secrets",
    "Team",
    "TradingEnvironment",
    "TradingLimits",
    "WallTimeSpan",
]
