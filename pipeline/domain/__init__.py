"""Pure: what the train knows and decides. No I/O and no clock; standard library, numpy and pandas only."""
