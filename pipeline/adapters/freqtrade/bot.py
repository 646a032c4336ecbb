"""The entry point of every bot: `python -m pipeline.adapters.freqtrade.bot HOME`.

HOME is the bot's folder, with `bot.json` in it. The exit code is 0 after an end that was asked for, 2 where starting again is in vain, and
1 otherwise. Signals are taken over before freqtrade is imported: from the first moment on, TERM means "finish the loop, then exit".
"""

import logging
import os
import sys
import traceback
from pathlib import Path

from pipeline.adapters.freqtrade.bot_ending import RESTART_IN_VAIN, RESTART_MAY_HELP, BotRefused, Ending, say
from pipeline.adapters.freqtrade.bot_home import open_home
from pipeline.adapters.freqtrade.bot_loopback import stay_on_loopback


def main(arguments: list[str]) -> int:
    """Run one bot to its end; the exit code."""
    ending = Ending()
    ending.listen()
    sys.dont_write_bytecode = True  # the strategy's folder is read-only and holds what the digest names
    os.umask(0o077)
    if len(arguments) != 1 or arguments[0].startswith("-"):
        say("usage: python -m pipeline.adapters.freqtrade.bot HOME")
        return RESTART_IN_VAIN
    home = Path(arguments[0]).resolve()
    try:
        settings = open_home(home)
        if settings.loopback_only:
            stay_on_loopback()
        from pipeline.adapters.freqtrade.bot_run import run

        return run(settings, home, ending)
    except BotRefused as error:
        say(str(error))
        return RESTART_IN_VAIN
    except Exception:
        say("".join(traceback.format_exc()))
        return RESTART_MAY_HELP


if __name__ == "__main__":
    code = main(sys.argv[1:])
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # nothing that a strategy or a library left running keeps the database's lock
