"""A device after something went wrong: the monitor's story, with secrets where they belong, and logs that tell them in every form."""

import base64
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from pipeline.adapters.datasets import DataSet
from pipeline.adapters.incident_archive import read_incident
from pipeline.adapters.incident_packing import IncidentPacking, Packed, Wish
from pipeline.adapters.known_secrets import known_secrets
from pipeline.adapters.secret_file import SecretFile
from pipeline.domain.incident import PAGE, STATE
from pipeline.domain.moving import PackedFile
from pipeline.domain.trading import Secret
from pipeline.render import environment_report as render
from pipeline.wiring.report import report_at
from tests.fakes import FakeNarrator
from tests.monitor_ground import NOW, Ground, story

KEY, SECRET = "000123456789", 'it\'s "$ec#ret" of/sandbox%20+\\n'
LINE = "Y2FuYXJ5+of/a/private/key=="
PEM = f"-----BEGIN PRIVATE KEY-----\n{LINE}\n-----END PRIVATE KEY-----"
API = ("api-password-of-a-bot-0f3", "jwt-key-of-a-bot-77777777777777777777", "ws-token-of-a-bot-1")
CHAT = "4711"
PLANTED = (KEY, SECRET, PEM, LINE, *API)
SINCE = NOW - timedelta(days=10)


@dataclass
class Wreck:
    """The device and its environment `sandbox`."""

    ground: Ground

    def copy(self, home: Path) -> "Wreck":
        """The same device once more, for a test that changes it."""
        shutil.copytree(self.home, home)
        made = Wreck(Ground(home, watches=self.ground.watches))
        made.ground.runtime = self.ground.runtime
        return made

    @property
    def home(self) -> Path:
        return self.ground.home

    @property
    def own(self) -> Path:
        return self.home / "sandbox"

    def packing(
        self,
        pages: Callable[[], Mapping[str, bytes]] | None = None,
        printed: Callable[[], Mapping[str, str]] = dict,
    ) -> IncidentPacking:
        known = known_secrets(self.home, "sandbox", {"sandbox": {"EXCHANGE_NAME"}})
        versions = {"freqtrain": "0.1.0", "python": "3.11.9"}
        clock, narrator = self.ground.clock, FakeNarrator()
        return IncidentPacking(self.home, known, versions, pages or self.pages, clock, narrator, printed)

    def pack(self, out: Path, *, most: int = 1 << 30, content: bool = True, sets: tuple[DataSet, ...] = ()) -> Packed:
        return self.packing().pack(Wish("sandbox", SINCE, most, content, sets), out)

    def pages(self) -> dict[str, bytes]:
        ground = self.ground
        made = report_at("sandbox", ground.home, NOW - SINCE, ground.clock, ground.runtime, ground.watches)
        return {STATE: json.dumps(render.document(made)).encode(), PAGE: render.page(made).encode()}


def wreck(home: Path) -> Wreck:
    """`sandbox` was braked; its logs, settings and databases lie where the train leaves them."""
    ground = story(home)
    own = home / "sandbox"
    ground.environments("sandbox")
    SecretFile(own).change(
        {"EXCHANGE_ACCESS_KEY": Secret(KEY), "EXCHANGE_ACCESS_SECRET": Secret(SECRET), "EXCHANGE_ACCESS_PASSWORD": Secret(PEM),
         "TELEGRAM_CHAT_ID": Secret(CHAT), "EXCHANGE_NAME": Secret("binance-by-its-long-name")},
        (), NOW - timedelta(days=30),
    )  # fmt: skip
    (own / "watch" / "variables.json").write_text(json.dumps({"EXCHANGE_NAME": "binance-by-its-long-name"}))
    (own / "watch.json").write_text('{"sma_trend": {"peak": 1009.5}}')
    bot = own / "bots" / "sandbox-sma_trend-b"
    api = dict(zip(("password", "jwt_secret_key", "ws_token"), API, strict=True))
    _put(
        bot / "secret.json",
        json.dumps({"api_server": {"username": "freqtrain", **api}, "exchange": {"key": KEY, "secret": SECRET}}),
    )
    _put(
        bot / "bot.json",
        json.dumps({"name": bot.name, "config_files": ["public.json", "secret.json"], "capital": "1000"}),
    )
    webhook = {"enabled": True, "url": "https://user:hidden-here@hooks.example/x", "token": "unknown-to-the-device"}
    _put(
        bot / "public.json",
        json.dumps({"exchange": {"name": "binance", "pair_whitelist": ["BTC/USDT"]}, "webhook": webhook}),
    )
    told = [
        "2026-02-28 10:00:00 plain " + KEY,
        "json " + json.dumps({"secret": SECRET}),
        "url https://api.example/?signature=" + quote(SECRET, safe="") + "&x=1",
        "base64 " + base64.b64encode(b"u:" + SECRET.encode()).decode(),
        PEM,
        f"Authorization: Bearer {API[1]}",
        "somebody else's token=unknown-to-the-device-too",
        "2026-02-28 10:00:01 braked: it lost 2.1 % since midnight",
    ]
    _put(home / "runtime" / "bots" / "sandbox-sma_trend-b" / "output.log", "\n".join(told) + "\n", NOW)
    _put(home / "runtime" / "bots" / "watch.sandbox" / "output.log", "looked at 1 bot\n", NOW)
    _put(home / "runtime" / "bots" / "test-sma_trend-a" / "output.log", "another environment's\n", NOW)
    _put(home / "runtime" / "bots" / "sandbox-2-sma_trend-a" / "output.log", "another environment's\n", NOW)
    _put(own / "logs" / "sandbox-sma_trend-a.20260210T000000Z.log", "too old\n", SINCE - timedelta(days=5))
    _put(own / "logs" / "sandbox-sma_trend-a.20260225T000000Z.log", "crashed: MemoryError\n", NOW - timedelta(days=4))
    return Wreck(ground)


def contents(archive: Path) -> dict[str, bytes]:
    """All files of a packed incident."""
    found: dict[str, bytearray] = {}

    class Into(bytearray):
        def write(self, chunk: bytes) -> None:
            self.extend(chunk)

    def sink(file: PackedFile) -> Into:
        found[file.path] = Into()
        return found[file.path]  # type: ignore[return-value]

    read_incident(archive, sink)  # type: ignore[arg-type]
    return {path: bytes(content) for path, content in found.items()}


def _put(path: Path, text: str, at: datetime = datetime(2026, 2, 1, tzinfo=UTC)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (at.timestamp(),) * 2)
