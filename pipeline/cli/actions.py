"""What a verb hands on to the jobs of GitHub Actions, through the files that it names for that; elsewhere nothing."""

import os
from pathlib import Path


def in_actions() -> bool:
    """Whether this process is a step of a job."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def append(variable: str, text: str) -> None:
    """Add to the file that Actions names by this variable: GITHUB_OUTPUT, GITHUB_STEP_SUMMARY."""
    target = os.environ.get(variable)
    if in_actions() and target:
        with Path(target).open("a", encoding="utf-8") as file:
            file.write(text)
