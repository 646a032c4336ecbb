"""What a bot said last: the exception that it ended with, or else its last line."""

BEGINS = "freqtrain: a process begins"
"""What stands in the output before each run."""

LONGEST = 300
TRACEBACK = "Traceback (most recent call last):"


def words_in(printed: str) -> str:
    """The last exception of the latest run, in one line; without one the last line; empty where it printed nothing."""
    lines = [line.rstrip() for line in printed.splitlines() if line.strip()]
    began = [number for number, line in enumerate(lines) if line.startswith(BEGINS)]
    lines = lines[began[-1] + 1 :] if began else lines
    raised = [number for number, line in enumerate(lines) if line == TRACEBACK]
    if raised:
        # The exception is the first line after the frames, which are indented.
        after = [line for line in lines[raised[-1] + 1 :] if not line.startswith(" ")]
        lines = after[:1]
    return lines[-1][:LONGEST] if lines else ""
