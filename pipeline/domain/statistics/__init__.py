"""What luck can do: resampling, Sharpe ratios and what they are worth, and the spread hidden in candles. docs/statistics.md names every source."""
