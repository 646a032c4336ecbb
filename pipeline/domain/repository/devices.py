"""Which device an emergency is sent to: of several, that of its environment (docs/scaling.md)."""

VARIABLE = "FREQTRAIN_DEVICES"
SEVERAL = "several"


def are_several(value: str) -> bool:
    """Whether the workflows take a variable's value for that; GitHub compares texts without regard to case."""
    return value.lower() == SEVERAL


def emergency_label(environment: str) -> str:
    """What an emergency runner of that environment's device is labelled with, where there are several."""
    return f"freqtrain-emergency-{environment}"
