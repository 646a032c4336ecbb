"""Trading facts as they come from outside (the engine's child, a manifest on the disk), believed only as far as their shape."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from pipeline.domain.trading_facts import CALLBACKS, TradingFacts

Word = Annotated[str, Field(max_length=80)]
Ratio = Annotated[float, Field(allow_inf_nan=False)]


class FactsModel(BaseModel):
    """The fields of `TradingFacts`, as JSON has them."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)

    timeframe: Word
    stoploss_ratio: Ratio
    minimal_roi: Annotated[dict[Annotated[str, Field(pattern=r"^[0-9]{1,9}$")], Ratio], Field(max_length=1000)]
    startup_candle_count: Annotated[int, Field(ge=0, le=1_000_000)]
    use_custom_stoploss: bool
    trailing_stop: bool
    trailing_stop_positive_ratio: Ratio | None
    trailing_stop_positive_offset_ratio: Ratio
    trailing_only_offset_is_reached: bool
    use_exit_signal: bool
    exit_profit_only: bool
    exit_profit_offset_ratio: Ratio
    ignore_roi_if_entry_signal: bool
    can_short: bool
    position_adjustment_enable: bool
    max_entry_position_adjustment: Annotated[int, Field(ge=-1, le=1_000_000)]
    order_types: Annotated[dict[Word, Word | bool | int | Ratio], Field(max_length=50)]
    order_time_in_force: Annotated[dict[Word, Word], Field(max_length=50)]
    callbacks: Annotated[list[Word], Field(max_length=len(CALLBACKS))]

    def facts(self) -> TradingFacts:
        """The same for the domain."""
        fields = self.model_dump()
        roi = {
            int(minutes): ratio for minutes, ratio in sorted(self.minimal_roi.items(), key=lambda item: int(item[0]))
        }
        return TradingFacts(**{**fields, "minimal_roi": roi, "callbacks": tuple(self.callbacks)})
