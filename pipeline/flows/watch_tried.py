"""What goes wrong with one bot, or our own mistake about it, leaves the others watched: it is told, and the next thing is done."""

from collections.abc import Callable

from pipeline.errors import FreqtrainError


def tried(what: str, does: Callable[[], object]) -> list[str]:
    """Do something; what went wrong, in a sentence that begins with `what`. Nothing where nothing did."""
    try:
        does()
    except FreqtrainError as error:
        return [f"{what}: {error.message}" if what else error.message]
    except Exception as error:
        told = f"the watch made a mistake: {type(error).__name__}: {error}"
        return [f"{what}: {told}" if what else told]
    return []
