"""The option of verbs that wait for another verb to end."""

from collections.abc import Callable
from typing import Any

import click

A_MOMENT = 1.0
"""The watch is at work in an environment for moments: nobody has to type a command twice because of it."""

TO_SELL = 5.0
"""Selling is worth more patience: what is at work may be selling already, or be starting the bot that could."""


def waits(minutes: float = A_MOMENT) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--wait MINUTES`, which is `minutes` where nobody says so."""
    return click.option(
        "--wait",
        "wait_minutes",
        type=click.FloatRange(0, 1440),
        default=minutes,
        show_default=True,
        metavar="MINUTES",
        help="Wait that long for another verb that is at work in the environment; then exit code 5.",
    )


wait_option = waits()
