"""The entry point of a short child process: what freqtrade itself says about configurations, before anything is started with them.

A list of configurations comes as JSON on standard input; for each, a list of complaints leaves as JSON on standard output. A complaint is the way
to the value and a sentence.
"""

import json
import sys
from collections.abc import Iterator
from copy import deepcopy
from difflib import get_close_matches
from typing import Any

from freqtrade.config_schema.config_schema import CONF_SCHEMA
from freqtrade.configuration.config_validation import FreqtradeValidator, validate_config_consistency
from freqtrade.exceptions import OperationalException


def main() -> None:
    """Answer one list of configurations, then exit."""
    answer = [list(complaints(configuration)) for configuration in json.load(sys.stdin)]
    json.dump(answer, sys.stdout)


def complaints(configuration: dict[str, Any]) -> Iterator[tuple[list[str | int], str]]:
    """Every place where freqtrade's schema does not hold, settings that it does not know, and, where it holds, what contradicts itself.

    What comes from the strategy's class (its stop loss, its ROI) may be missing.
    """
    found = False
    known = CONF_SCHEMA["properties"]
    for key in configuration:
        if key not in known:
            close = get_close_matches(key, known, n=1)
            found = True
            yield [key], "is no setting of freqtrade" + (f", did you mean '{close[0]}'?" if close else "")
    for error in FreqtradeValidator(CONF_SCHEMA).iter_errors(deepcopy(configuration)):
        found = True
        yield list(error.absolute_path), f"freqtrade says: {error.message}"
    if not found:
        try:
            validate_config_consistency(deepcopy(configuration))
        except OperationalException as error:
            yield [], f"freqtrade says: {error}"


if __name__ == "__main__":
    main()
