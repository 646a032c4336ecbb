"""Names, pairs and paths as the file of a trading environment writes them."""

import re
from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema

from pipeline.config.fields import refuse
from pipeline.domain.strategy import ID_PATTERN

NAME_PATTERN = "^[A-Z_][A-Z0-9_]{0,79}$"
PAIR_PATTERN = "^[A-Z0-9]{1,24}/[A-Z0-9]{1,24}$"
ENVIRONMENT_PATTERN = "^[a-z][a-z0-9_-]{0,31}$"


def _name(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(NAME_PATTERN, value) or value.startswith("GITHUB_"):
        refuse("must be a name in capitals such as EXCHANGE_ACCESS_KEY, never the value itself", show=False)
    return value


def _environment(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(ENVIRONMENT_PATTERN, value):
        refuse("must be the name of another environment, such as test")
    return value


def _strategy(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(ID_PATTERN, value):
        refuse("must be the name of a strategy's folder, such as range_dip")
    return value


def _pair(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(PAIR_PATTERN, value):
        refuse("must be a spot pair such as BTC/USDT")
    return value


def _signers(value: object) -> str:
    text = value if isinstance(value, str) else ""
    if not re.fullmatch(r"/?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*", text) or ".." in text.split("/"):
        refuse("must be the path of a file: in the repository, or absolute on the device")
    return text


def _written(pattern: str) -> dict[str, str]:
    return {"type": "string", "pattern": pattern}


Name = Annotated[str, PlainValidator(_name), WithJsonSchema(_written(NAME_PATTERN))]
After = Annotated[str, PlainValidator(_environment), WithJsonSchema(_written(ENVIRONMENT_PATTERN))]
StrategyId = Annotated[str, PlainValidator(_strategy), WithJsonSchema(_written(f"^{ID_PATTERN}$"))]
Pair = Annotated[str, PlainValidator(_pair), WithJsonSchema(_written(PAIR_PATTERN))]
SignersFile = Annotated[str, PlainValidator(_signers), WithJsonSchema({"type": "string"})]
