"""freqtrain: a release train for freqtrade strategies."""

__version__ = "0.1.0"
