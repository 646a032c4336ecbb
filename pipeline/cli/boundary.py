"""The error boundary: the one place that catches everything and turns it into a message and an exit code."""

import gc
import os
import platform
import signal
import sys
import traceback
from types import FrameType

import click

from pipeline.cli.main import freqtrain
from pipeline.cli.narration import check_form, tell_error, tell_usage
from pipeline.errors import ExitCode, FreqtrainError

COLLECT_AFTER = 50_000
"""New objects before a look for garbage. Python looks after some hundred, which costs a command that only takes things in a tenth of its time."""


def run(argv: list[str] | None = None) -> int:
    """Run one command. Returns the exit code; errors go to stderr, with a hint where there is one."""
    gc.set_threshold(COLLECT_AFTER)
    try:
        _refuse_foreign_ground()
        check_form()
        signal.signal(signal.SIGTERM, _as_interrupt)
        result = freqtrain.main(args=argv, prog_name="freqtrain", standalone_mode=False)
        return int(result) if isinstance(result, int) else ExitCode.DONE
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return ExitCode.USAGE
    except click.ClickException as error:
        tell_usage(error)
        return ExitCode.USAGE
    except (click.exceptions.Abort, KeyboardInterrupt):
        tell_error("interrupted.")
        return ExitCode.INTERRUPTED
    except FreqtrainError as error:
        tell_error(error.message, error.hint)
        return error.code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.TOOL
    except OSError as error:
        tell_error(f"{error.filename or 'the system'}: {error.strerror or error}")
        return ExitCode.TOOL
    except Exception:
        tell_error("this is a bug in freqtrain; please report the lines above.", trace=traceback.format_exc())
        return ExitCode.CRASH


def _as_interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _refuse_foreign_ground() -> None:
    if sys.platform not in ("linux", "darwin"):
        raise FreqtrainError(
            f"{platform.system()} is not supported: freqtrain runs on Linux, WSL2 and macOS.",
            hint="on Windows, use WSL2",
        )
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        raise FreqtrainError(
            f"Python {platform.python_version()} is not supported.", hint="use Python 3.11, 3.12 or 3.13"
        )
