"""supervisord as freqtrain starts it: one for each home, for as long as it lives. Loaded inside supervisord."""

import fcntl
import os
import sys
from pathlib import Path

from supervisor import supervisord

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.supervisor import locks
from pipeline.adapters.supervisor.layout import Layout

LOCKED_CODE = 75
LOCK_SECONDS = 2.0
ABOVE_ALL = 600
"""supervisord closes the descriptors below its `minfds` when it is told to start over."""


def main() -> None:
    """Run supervisord with the configuration in the working folder; it goes to the background once it can be asked."""
    held = locks.take(Layout(Path.cwd()).lock, LOCK_SECONDS, SystemClock().sleep)
    if held is None:
        sys.exit(LOCKED_CODE)
    fcntl.fcntl(held, fcntl.F_DUPFD_CLOEXEC, ABOVE_ALL)
    os.close(held)
    supervisord.main(["--configuration", "supervisord.conf"])
