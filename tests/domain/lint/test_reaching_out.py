"""What a strategy may import and reach, what it may draw on, and what it may not say aloud."""

import pytest

from pipeline.domain.lint import lint
from tests.domain.lint.sources import IN_CLASS, PINNED, candidate, errors, linted, strategy, warnings

BAD = {
    "FT301": [
        "import random\nx = random.random()",
        "import random\nx = random.Random().random()",
        "from random import choice\nx = choice([1, 2])",
        "import numpy as np\nx = np.random.default_rng().random(3)",
        "from numpy.random import default_rng\nx = default_rng()",
        "import numpy as np\nnp.random.seed(None)",
        "x = dataframe.sample(10)",
    ],
    "FT302": [
        "from datetime import datetime\nx = datetime.utcnow()",
        "import datetime as dt\nx = dt.datetime.now(dt.timezone.utc)",
        "from datetime import date\nx = date.today()",
        "from datetime import datetime\nnow = datetime.now\nx = now()",
        "import pandas as pd\nx = pd.Timestamp.now()",
        'import pandas as pd\nx = pd.to_datetime("now")',
        "from freqtrade.util import dt_now\nx = dt_now()",
        "import time\nx = 1",
    ],
    "FT303": [
        "x = hash('a')",
        "x = id(dataframe)",
        "import uuid\nx = uuid.uuid4()",
        "from secrets import token_hex\nx = token_hex()",
    ],
    "FT401": [
        "import sys\nx = 1",
        "import pathlib\nx = 1",
        "from urllib.request import urlopen\nx = 1",
        "import sklearn.preprocessing\nx = 1",
        "import freqtrade.rpc\nx = 1",
        "from freqtrade.persistence import init_db\nx = 1",
        "from freqtrade.exchange import Exchange\nx = 1",
        "from . import helpers\nx = 1",
        "from pandas import *\nx = 1",
        "import strategy\nx = 1",
    ],
    "FT402": [
        "from pandas import read_pickle\nx = read_pickle('x')",
        "import pandas as pd\nread = pd.read_sql\nx = read('x')",
        "import pandas as pd\nx = list(map(pd.read_csv, ['a']))",
        'import pandas as pd\nx = getattr(pd, "read_" + "csv")("a")',
        "import pandas as pd\nx = pd.io.common.os",
        "import numpy as np\nx = np.load('x')",
        "import numpy as np\nx = np.lib.npyio",
        "dataframe.to_pickle('x')",
        "dataframe.to_csv('x')",
        "dataframe['close'].to_json(path_or_buf='x')",
        "dataframe['close'].to_numpy().tofile('x')",
        "import logging\nx = logging.FileHandler('x')",
        "import logging\nx = logging.os",
        "import dataclasses\nx = dataclasses.sys.modules",
        "x = open('x')",
        "x = dataframe.ta.ticker('SPY')",
        "x = self.config['datadir']",
        "x = self.config['user_data_dir'] / 'data'",
        "settings = self.config\nx = settings.get('exportfilename')",
        "read = self.config.get\nx = read('data' + 'dir')",
        "from operator import itemgetter\nx = itemgetter('datadir')(self.config)",
        "x = self.folder\nx.write_text('a')",
        "for file in self.folder.iterdir():\n    x = file.read_bytes()",
        "x = (self.folder / 'a').open('w')",
    ],
    "FT403": [
        "x = eval('1')",
        "run = exec\nrun('x')",
        "x = __import__('os')",
        "x = compile('1', '', 'eval')",
        "x = globals()",
    ],
    "FT404": [
        "x = self.__class__.__mro__",
        "x = ().__class__",
        "x = populate.__globals__",
        "x = __builtins__",
        'x = getattr(dataframe, "__class__")',
        'x = getattr(dataframe, metadata["pair"])',
        'from operator import attrgetter\nx = attrgetter("close.__class__")(dataframe)',
        "x = '{0.__class__}'.format(self)",
        "x = self.dp._exchange",
        "x = self.wallets._local",
        "provider = self.dp\nx = provider._exchange",
        "x = self.dp._DataProvider__cached_pairs",
        "x = getattr(self.dp, '_exchange')",
        "provider = self.dp\nx = getattr(provider, '_ex' + 'change')",
        "from operator import attrgetter\nx = attrgetter('dp._exchange')(self)",
        "from freqtrade.data.dataprovider import DataProvider\nx = DataProvider._set_cached_df",
    ],
    "FT405": [
        "import pandas as pd\npd.Series.shift = None",
        "from pandas import Series\nSeries.mean = None",
        "from freqtrade.persistence import Trade\nTrade.use_db = False",
        "import numpy as np\nsetattr(np, 'mean', None)",
        "import numpy as np\ndel np.mean",
        "import numpy as np\nnp.mean, x = None, 1",
    ],
    "FT406": ["import os\nx = 1", "from os import environ\nx = 1", "import logging\nx = logging.os.environ['x']"],
    "FT108": [
        'self.config["stake_amount"] = 10',
        'settings = self.config\nsettings["dry_run"] = False',
        'self.config["exchange"]["name"] = "x"',
        'self.config.update({"dry_run": False})',
        'x = self.config["exchange"]["key"]',
        'x = self.config.get("telegram")',
        "for key, value in self.config.items():\n    x = value",
        "settings = self.config.copy()",
    ],
    "FT109": [
        'x = self.config["runmode"]',
        'x = self.config.get("dry_run")',
        "x = self.dp.runmode",
        "from freqtrade.enums import RunMode\nx = RunMode.LIVE",
    ],
    "FT106": [
        'x = self.dp.get_pair_dataframe("BTC/USDT:USDT", "1h")',
        'x = self.dp.get_pair_dataframe("BTC/USDT", "1h", candle_type="mark")',
    ],
    "FT407": [
        "raise SystemExit",
        "raise SystemExit(0)",
        "stop = SystemExit\nraise stop(0)",
        "raise KeyboardInterrupt",
        "class Stop(SystemExit): pass",
        "exit()",
        "quit(0)",
        "end = exit\nend()",
        "import sys\nsys.exit(0)",
        "from sys import exit\nexit(0)",
        "import os\nos._exit(0)",
        "from os import _exit as end\nend(0)",
        "import logging\nlogging.os.abort()",
        "import signal\nsignal.raise_signal(9)",
    ],
    "FT212": ["x = dataframe.eval('close.shift(1)')", "x = dataframe.query(metadata['pair'])"],
}
GOOD = [
    "import random\nx = random.Random(4).random()",
    "import numpy as np\nrng = np.random.default_rng(seed=4)\nx = rng.random(3)",
    "x = dataframe.sample(10, random_state=3)",
    "from datetime import datetime, timedelta, timezone\nx = datetime(2024, 1, 1, tzinfo=timezone.utc) + timedelta(days=1)",
    "from datetime import datetime, time\nx = time(12, 30)",
    "import pandas as pd\nx = pd.to_datetime('2024-01-01')",
    "import logging\nlogging.getLogger(__name__).info('%s', metadata)",
    "import numpy as np\nx = np.lib.stride_tricks.sliding_window_view(dataframe['close'], 3)",
    "import numpy.typing as npt\nx = 1",
    "import pandas as pd\npd.set_option('display.max_rows', 10)",
    "import json\nx = json.dumps({'a': 1})",
    "x = dataframe['close'].to_list()",
    "x = dataframe.to_string()",
    "x = type(self).__name__ + self.__class__.__name__",
    "x = getattr(self, 'dp', None)",
    "self.note = 1\nsetattr(self, 'note', 2)",
    "import talib.abstract as ta\nx = ta.SMA",
    "from freqtrade.exchange import timeframe_to_minutes\nx = timeframe_to_minutes(self.timeframe)",
    "from freqtrade.vendor.qtpylib.indicators import crossed_above\nx = crossed_above",
    "from technical.indicators import atr_percent\nx = atr_percent",
    "x = self.config['exchange']['pair_whitelist']",
    "x = self.config.get('timeframe', '1h')",
    "hash = {'a': 1}\nx = hash['a']",
    "for minutes, ratio in self.config['minimal_roi'].items():\n    x = ratio",
    "exit = dataframe['close'] < dataframe['open']\nx = exit & exit.shift(1, fill_value=False)",
    "try:\n    x = 1\nexcept (SystemExit, ValueError):\n    raise",
    "x = dataframe.open + dataframe['open']",
    "x = self.dp.get_pair_dataframe(metadata['pair'], '1h')",
]


@pytest.mark.parametrize(
    ("code", "snippet"), [(code, snippet) for code, snippets in BAD.items() for snippet in snippets]
)
def test_reaching_out_is_found(code: str, snippet: str):
    assert code in errors(linted(snippet))


@pytest.mark.parametrize("snippet", GOOD)
def test_what_only_computes_is_fine(snippet: str):
    assert errors(linted(snippet)) == []


def test_a_name_is_only_excused_where_it_stands_for_something_else():
    assert errors(linted("def other():\n    exit = 1\n    return exit\nexit()")) == ["FT407"]


def test_a_test_may_expect_an_exit_but_not_make_one():
    expected = b"import pytest\ndef test_x():\n    with pytest.raises(SystemExit):\n        pass\n"
    assert lint(candidate(strategy(), **{"test_strategy.py": expected}), PINNED) == ()
    made = b"def test_x():\n    raise SystemExit(0)\n"
    assert errors(lint(candidate(strategy(), **{"test_strategy.py": made}), PINNED)) == ["FT407"]


def test_an_unpinned_library_is_told_with_the_line_to_add():
    source = candidate(strategy("import scipy.signal\nx = 1"))
    (plain,) = [f for f in lint(source, PINNED) if not f.warning]
    assert '`"scipy==VERSION",`' in plain.reason
    (exact,) = [f for f in lint(source, PINNED, {"scipy": "scipy==1.16.2"}) if not f.warning]
    assert exact.rule == "FT401"
    assert '`"scipy==1.16.2",`' in exact.reason
    assert "`strategies`" in exact.reason
    assert lint(source, PINNED | {"scipy"}) == ()


def test_a_seeded_generator_that_everybody_shares_is_a_warning():
    found = linted("import numpy as np\nnp.random.seed(3)\nx = np.random.rand(3)")
    assert (errors(found), warnings(found)) == ([], ["FT301"])


def test_attributes_that_the_environment_owns_are_found():
    found = linted(f'{IN_CLASS}\nstake_currency = "USDT"\ndry_run: bool = True\nmax_open_trades = 3')
    assert errors(found) == ["FT108", "FT108"]
    assert warnings(found) == ["FT108"]


def test_tests_may_import_pytest_hypothesis_and_our_testing_but_reach_nothing():
    fine = b"import pytest\nfrom hypothesis import given\nfrom pipeline.testing import flat\nfrom strategy import Sample\nimport pandas as pd\n"
    found = lint(
        candidate(strategy(), **{"test_strategy.py": fine + b"def test_x(): assert pd.Series([1]).iloc[-1]\n"}), PINNED
    )
    assert found == ()
    bad = b"import os\nimport requests\nimport pipeline.wiring\nx = eval('1')\ny = open('z')\nz = os.environ\n"
    found = lint(candidate(strategy(), **{"test_strategy.py": bad}), PINNED)
    assert errors(found) == ["FT406", "FT401", "FT401", "FT403", "FT402", "FT406"]
    assert {finding.place.file for finding in found if finding.place} == {"test_strategy.py"}


SECRETS = [
    'password = "hunter2"',
    'self.api_key = "abc"',
    'settings = {"secret": "abc"}',
    'connect(apiKey="abc")',
    "# AKIA" + "ABCDEFGHIJKLMNOP",
    'x = "ghp_' + "a1B2c3D4e5" * 3 + 'F6g7h8"',
    'x = "123456789:' + "AAabcdefghijklmnopqrstuvwxyz0123456" + '"',
    'x = "9f86d081884c7d65" "9a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"',
    'x = "https://someone:pass1234@example.org"',
]
NO_SECRETS = [
    'api_key = ""',
    'password = "${PASSWORD}"',
    'token = "BTC"',
    'key = "enter_tag"',
    'x = "buy_signal_ema_cross_above_slow_2_of_3_confirmed"',
    'x = "BuySignalEmaCrossAboveSlowMovingAverage"',
    "# -------------------------------------------------------------",
    "# ============ 12345678901234567890123456789012345678901234 ==========",
    'x = "https://www.tradingview.com/script/eKGLHbJ6-Some-Indicator-With-A-Long-Name/"',
    'x = "bb_lowerband_rolling_20_2_bb_upperband_rolling_20_2"',
]


@pytest.mark.parametrize("snippet", SECRETS)
def test_what_looks_like_a_secret_is_found(snippet: str):
    assert errors(linted(snippet)) == ["FT501"]


@pytest.mark.parametrize("snippet", NO_SECRETS)
def test_what_does_not_look_like_one_is_fine(snippet: str):
    assert errors(linted(snippet)) == []


def test_secrets_in_the_description_and_the_parameters_are_found():
    described = {"strategy.yml": b"class: Sample\ntitle: A strategy\npassword: abc\n"}
    (found,) = lint(candidate(strategy(), **described), PINNED)
    assert (found.rule, str(found.place)) == ("FT501", "strategy.yml:3:11")
    parameters = b'{"strategy_name": "Sample",\n "params": {}, \n "api_key": "abcd"}'
    (found,) = lint(candidate(strategy(), **{"strategy.json": parameters}), PINNED)
    assert (found.rule, found.place and found.place.line) == ("FT501", 3)
