"""The real things behind `freqtrain update`."""

import os
from pathlib import Path

from pipeline.adapters.git import repository_root
from pipeline.adapters.git_checkout import GitCheckout
from pipeline.errors import UsageError

REMOTE = "freqtrain"
FROM = "FREQTRAIN_FROM"


def source() -> str:
    """The address in FREQTRAIN_FROM, else the remote `freqtrain`."""
    return os.environ.get(FROM, "").strip() or REMOTE


def checkout() -> GitCheckout:
    """The checkout that the process runs in.

    Raises:
        UsageError: it runs in none, or in one that holds no framework.
    """
    root = repository_root(Path())
    if root is None or not (root / "pipeline").is_dir():
        raise UsageError("this is no repository that was made from freqtrain", hint="run it in its root")
    return GitCheckout(root)
