"""`python -m pipeline` and the console script `freqtrain`."""

from pipeline.cli.boundary import run


def main() -> None:
    """Run the command line and exit with its code."""
    raise SystemExit(run())


if __name__ == "__main__":
    main()
