"""The real things behind `freqtrain environment`."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.adapters import freqtrade_settings
from pipeline.config.any_environment import Examined, examine
from pipeline.domain.canonical import Plain
from pipeline.wiring.environment_files import FOLDER, environment_file, environment_files

__all__ = ["FOLDER", "ask_freqtrade", "environment_file", "environment_files", "examine_file"]


def examine_file(path: Path) -> Examined:
    """The environment in a file, whatever its mode, filled from the process's variables; or what is wrong with it."""
    return examine(path, os.environ)


def ask_freqtrade(
    configurations: Sequence[Mapping[str, Plain]],
) -> Sequence[Sequence[freqtrade_settings.Complaint]]:
    """freqtrade's own word on configurations."""
    return freqtrade_settings.complaints(configurations)
