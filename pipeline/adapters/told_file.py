"""JSON files that a job left for another one: data of strangers, believed in size and shape only."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.adapters import strict_json
from pipeline.adapters.bounded import read_bounded
from pipeline.errors import Refused

LARGEST_BYTES = 8 * 2**20


class Told(BaseModel):
    """Fields of exactly their types. Others may be there: the device may have a newer freqtrain, and what is not known is not told."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)


_Model = TypeVar("_Model", bound=Told)


def read_told(file: Path, shape: type[_Model], most_bytes: int = LARGEST_BYTES) -> _Model:
    """What the file says.

    Raises:
        Refused: it is not there, too large, no JSON or of another shape. The message holds nothing of what is in it.
    """
    try:
        text = read_bounded(file, most_bytes)
    except FileNotFoundError:
        raise Refused("the device left no word", hint="the log of its job tells more") from None
    except OSError as error:
        raise Refused(f"what the device left cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise Refused(f"what the device left {error}", hint="nothing of it was used") from error
    try:
        strict_json.loads(text)
        return shape.model_validate_json(text)
    except ValidationError as error:
        kind = error.errors(include_url=False, include_input=False, include_context=False)[0]["type"]
        raise Refused(
            f"what the device left is not of the right shape ({kind})", hint="nothing of it was used"
        ) from None
    except (ValueError, RecursionError):
        raise Refused("what the device left is no JSON", hint="nothing of it was used") from None
