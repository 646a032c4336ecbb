"""The results file that freqtrade's hyperopt writes: one JSON object an epoch."""

import hashlib
import json
from pathlib import Path

from pipeline.domain.lineage import Optimisation
from pipeline.errors import Refused

_LONGEST_LINE = 64 << 20


def read_hyperopt_results(path: Path) -> Optimisation:
    """How many distinct sets of parameters a `.fthypt` file holds; it is read line by line.

    Raises:
        Refused: it is not there, empty, or not such a file; the message names the line.
    """
    hint = "give the .fthypt file that `freqtrade hyperopt` wrote below user_data/hyperopt_results"
    whole, tried = hashlib.sha256(), set[bytes]()
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(_LONGEST_LINE):
                number += 1
                whole.update(line)
                try:
                    parameters = json.loads(line)["params_dict"]
                except (ValueError, KeyError, TypeError, RecursionError):
                    raise Refused(f"{path}:{number}: is no epoch of hyperopt", hint=hint) from None
                tried.add(hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).digest())
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}", hint=hint) from error
    if not tried:
        raise Refused(f"{path}: holds no epochs", hint=hint)
    return Optimisation(f"sha256:{whole.hexdigest()}", len(tried))
