"""What was told to GitHub, for people and for programs."""

from pipeline.domain.canonical import Plain
from pipeline.domain.waiting_job import Waited
from pipeline.render.plain import no_commands, plain_text


def waited_text(waited: Waited) -> str:
    """What the line under the commit says by now, or why it was left alone."""
    told = f"{waited.state.value}: {waited.sentence}" if waited.state else f"left alone: {waited.left_alone}"
    return no_commands(f"{plain_text(told)}\n")


def waited_document(waited: Waited) -> dict[str, Plain]:
    """The same for a program."""
    return {
        "outcome": "DONE",
        "job": waited.stand.name.lower(),
        "state": waited.state.value if waited.state else None,
        "sentence": waited.sentence,
        "left_alone": waited.left_alone,
    }
