"""Attacks on the judgement: on the engine, on the answer, and on what lies on the disk."""

from tests.hostile.case import Hostile
from tests.hostile.steal import LIBC

READ_ONLY = "Read-only file system|PermissionError"
READ_ONLY_OR_MEMORY = READ_ONLY + "|FileExistsError"
"""Where the judge itself lies below /tmp, folders beside it are made in the sandbox's own memory, and the second attempt meets the first."""
ROOT = "import pathlib, pipeline\nroot = pathlib.Path(pipeline.__file__).parents[1]\n"
EVERY_FILE = "import os\nfor fd in range(3, 1024):\n    try:\n        {do}\n    except OSError:\n        pass\n"
TOLD = r'{"window": "%s", "trades": [], "ending_balance": 1e9, "started_at": null, "failure": null}'


def to_every_file(text: str) -> str:
    """Code that writes a text to every open file but the streams."""
    return EVERY_FILE.format(do=f"os.write(fd, {text.encode()!r})")


CHEAT = (
    Hostile("exit early", "import os\nos._exit(0)", "exit code 0 before it could answer"),
    Hostile(
        "exit early while imported", "import os\nos._exit(0)", "exit code 0 before it could answer", at_import=True
    ),
    Hostile("exit politely", "raise SystemExit(0)", "exit code 0 before it could answer"),
    Hostile("the answer closed", EVERY_FILE.format(do="os.close(fd)"), "exit code|went on running"),
    Hostile("the answer garbled", to_every_file("[[[") + "os._exit(0)", "cannot be read"),
    Hostile(
        "numbers that are none",
        "import json\njson.dumps = lambda *_, **__: '{\"ending_balance\": NaN}'",
        "cannot be read",
    ),
    Hostile("an answer as deep as a well", to_every_file("[" * 60000) + "os._exit(0)", "cannot be read"),
    Hostile(
        "an answer on standard output",
        "import os\nos.write(1, b'{\"tasks\": {}}')\nos._exit(0)",
        "exit code 0 before it could answer",
    ),
    Hostile(
        "an afterthought",
        "import os\nfrom multiprocessing.util import Finalize\nFinalize(None, os._exit, (3,), exitpriority=10)",
        "exit code 3",
    ),
    Hostile(
        "the answer of another window",
        to_every_file(TOLD % "exit early") + "os._exit(0)",
        "asked for window",
        alone=True,
    ),
    Hostile(
        "an answer of another shape",
        to_every_file('{"window": "w", "verdict": "PASS"}') + "os._exit(0)",
        "answer is not one",
        alone=True,
    ),
    Hostile(
        "an answer for the whole child",
        to_every_file('{"tasks": {}, "versions": {}}') + "os._exit(0)",
        "answer is not one",
        alone=True,
    ),
    Hostile(
        "the worker killed",
        "import os, time\nos.write(2, b'\\n::error::owned\\n')\ntime.sleep(0.5)\nos.kill(os.getppid(), 9)\ntime.sleep(30)",
        "ended by signal 9",
        alone=True,
    ),
    Hostile("everybody killed", "import os\nos.kill(-1, 9)", "ended by signal 9", alone=True),
    Hostile(
        "the worker stopped",
        "import os, time\nos.kill(os.getppid(), 19)\ntime.sleep(600)",
        "did not finish within",
        alone=True,
        seconds=3.0,
    ),
    Hostile("the engine's files", "import freqtrade\nopen(freqtrade.__file__, 'a').write('#')", READ_ONLY),
    Hostile("the judge's files", ROOT + "(root / 'pipeline' / 'domain' / 'metrics.py').write_text('')", READ_ONLY),
    Hostile(
        "a sitecustomize",
        "import sysconfig, pathlib\n(pathlib.Path(sysconfig.get_path('purelib')) / 'sitecustomize.py').write_text('1')",
        READ_ONLY,
    ),
    Hostile(
        "the interpreter",
        "import sys, os\nopen(os.path.realpath(sys.executable), 'ab').write(b'x')",
        READ_ONLY + "|Text file busy",
    ),
    Hostile(
        "the candles",
        "d = self.config['datadir']\n(d / 'BTC_USDT-1h.feather').write_bytes(b'')",
        READ_ONLY,
    ),
    Hostile(
        "the market snapshot",
        "import os\nopen(self.config['datadir'].parent / 'markets.json', 'w').write('{}')",
        READ_ONLY,
    ),
    Hostile("its own file", "open(__file__, 'a').write('#')", READ_ONLY),
    Hostile(
        "its own parameters", "import pathlib\npathlib.Path(__file__).with_suffix('.json').write_text('{}')", READ_ONLY
    ),
    Hostile(
        "the evidence",
        ROOT + "(root / 'out').mkdir()\n(root / 'out' / 'evidence.json').write_text('{\"outcome\": \"PASS\"}')",
        READ_ONLY_OR_MEMORY,
    ),
    Hostile("the cache", ROOT + "(root / 'user_data' / 'cache' / 'answers').mkdir(parents=True)", READ_ONLY_OR_MEMORY),
    Hostile(
        "a mount over the judge",
        LIBC + "if libc.mount(b'none', b'/data', b'tmpfs', 0, None): "
        "raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))",
        "not permitted|PermissionError",
    ),
    Hostile(
        "a user namespace",
        LIBC + "child = os.fork()\nif not child: os._exit(ctypes.get_errno() if libc.unshare(0x10000000) else 0)\n"
        "code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])\nraise OSError(code, os.strerror(code))",
        "No space left|not permitted|PermissionError",
    ),
    Hostile(
        "trades that are code",
        "from pipeline.adapters.freqtrade import backtest\n"
        "class Evil:\n    def __reduce__(self): return (eval, ('1',))\n"
        "backtest.closed_trade = lambda trade: Evil()",
        "exit code 1",
    ),
    Hostile(
        "better prices",
        "from pipeline.adapters.freqtrade import backtest\nfrom dataclasses import replace\ntrue = backtest._fill\n"
        "backtest._fill = lambda order: replace(true(order), price=true(order).price * (0.9 if order.ft_order_side == 'buy' else 1.1))",
        "not the trades that were made",
    ),
    Hostile(
        "losers left out",
        "from pipeline.adapters.freqtrade import backtest\n"
        "class Winners(backtest.LocalTrade):\n    pass\n"
        "true = backtest.Backtesting.backtest_one_strategy\n"
        "def run(self, *a, **k):\n    r = true(self, *a, **k)\n"
        "    backtest.LocalTrade.bt_trades = [t for t in backtest.LocalTrade.bt_trades if t.close_profit_abs > 0]\n    return r\n"
        "backtest.Backtesting.backtest_one_strategy = run",
        "not the trades that were made",
        at_import=True,
    ),
    Hostile(
        "a raise that is swallowed",
        "from freqtrade.optimize.backtesting import Backtesting\n"
        "def refuse(self, *a, **k): raise RuntimeError('the wallet was patched')\nBacktesting._enter_trade = refuse",
        "patched",
    ),
)

_GOOD_DAYS = "days = ('2025-12-08', '2025-12-11')\n"
HINDSIGHT = (
    Hostile(
        "days by name", _GOOD_DAYS + "dataframe['mean'] *= dataframe['date'].dt.strftime('%Y-%m-%d').isin(days)", ""
    ),
    Hostile(
        "days by moment",
        "from datetime import datetime, timezone\n"
        "dataframe.loc[dataframe['date'] < datetime(2025, 12, 8, tzinfo=timezone.utc), 'mean'] = 1e9",
        "",
    ),
    Hostile(
        "a year and a month",
        "y = dataframe['date'].dt\ndataframe.loc[(y.year == 2025) & (y.month == 12), 'mean'] = 0.0",
        "",
    ),
    Hostile(
        "seconds since 1970", "dataframe.loc[dataframe['date'].astype('int64') // 10**9 > 1765152000, 'mean'] = 0.0", ""
    ),
    Hostile(
        "a question to the frame",
        "late = dataframe.query(\"date > '2025-12-08'\").index\ndataframe.loc[late, 'mean'] = 0.0",
        "",
    ),
    Hostile(
        "days since a day",
        "import pandas as pd\nage = (dataframe['date'] - pd.Timestamp('2025-12-08', tz='UTC')).dt.days\n"
        "dataframe.loc[age.between(0, 3), 'mean'] = 0.0",
        "",
    ),
    Hostile(
        "a table of its own",
        "import pandas as pd\ntable = pd.DataFrame({'date': pd.to_datetime(['2025-12-08'], utc=True), 'buy': [0.0]})\n"
        "dataframe['mean'] *= dataframe.merge(table, on='date', how='left')['buy'].fillna(1.0)",
        "",
    ),
)
"""Strategies that know the windows by heart. They look at nothing that they may not see, so that only reading finds them: these are never run."""
