"""`python -m pipeline` and the console script `freqtrain`."""

import atexit
import signal

from pipeline.cli.boundary import run


def main() -> None:
    """Run the command line and exit with its code, whatever signal arrives once it is done: Python would die of one while it tears down."""
    code = run()
    for number in (signal.SIGINT, signal.SIGTERM):
        atexit.register(signal.signal, number, signal.SIG_IGN)
    raise SystemExit(code)


if __name__ == "__main__":
    main()
