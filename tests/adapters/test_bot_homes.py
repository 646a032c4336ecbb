"""What is written into a bot's home, for whom, and what is refused before anything is written."""

import fcntl
import json
import os
import stat
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.bot_homes import BotHomes
from pipeline.adapters.freqtrade.bot_home import open_home
from pipeline.domain.bot import BotSpec
from pipeline.domain.bot_settings import BRAKE_FILE, read_settings
from pipeline.domain.bundle_manifest import StoredBundle
from pipeline.domain.canonical import digest_bytes
from pipeline.domain.image import IMAGE_FILE, Image
from pipeline.domain.trading import OwnKeys, Secret, Secrets, TradingEnvironment
from pipeline.domain.train.account import Account
from pipeline.domain.train.terms import Terms
from pipeline.errors import Refused, ToolFailed, UsageError
from tests.adapters.bot_device import FIRST_PORT, SECRETS, TELEGRAM, environment, stored
from tests.fakes import FakeClock
from tests.needs import ROOT

AWKWARD = "000123 'single' \"double\" #no $HOME ${NAME} \\back //no /* no */ \ttab\nline\r\nü€😀 "


def homes(device: Path, one: TradingEnvironment | None = None, secrets: Secrets | None = None, **more: Any) -> BotHomes:
    return BotHomes(device, one or environment(), FakeClock(), secrets, first_port=FIRST_PORT, **more)


def live(device: Path, secrets: Secrets | None = SECRETS, **more: Any) -> BotHomes:
    return homes(device, environment("prod"), secrets, **more)


def prepared(these: BotHomes, slot: str = "a", hold: str = "not proved yet", **bundle: Any) -> Path:
    one = stored(**bundle)
    spec = these.spec("eager", slot, one.digest, 0)
    these.prepare(spec, one, hold)
    return Path(spec.home)


def read(home: Path, file: str) -> dict[str, Any]:
    content = json.loads((home / file).read_bytes())
    assert isinstance(content, dict)
    return content


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def everything(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_home_tells_on_which_terms_its_bot_trades_and_only_a_whole_one_of_that_very_bot(tmp_path: Path) -> None:
    these, bundle = live(tmp_path), stored()
    spec = these.spec("eager", "a", bundle.digest, 0)
    assert these.terms(spec) is None, "there is none"
    home = prepared(these)
    assert these.terms(spec) == Terms("binance", "USDT")
    changed = homes(tmp_path, replace(environment("prod"), stake_currency="BTC", pairs=("ETH/BTC",)), SECRETS)
    assert changed.terms(spec) == Terms("binance", "USDT"), "what lies there counts, not what the environment says now"
    assert these.terms(replace(spec, bundle="sha256:" + "0" * 64)) is None
    assert these.terms(replace(spec, api_port=spec.api_port + 2)) is None, "it would listen elsewhere"
    for file, content in (("public.json", b"{}"), ("bot.json", b"["), ("secret.json", b"{}")):
        before = (home / file).read_bytes()
        (home / file).write_bytes(content)
        assert these.terms(spec) is None, file
        (home / file).write_bytes(before)
    assert these.terms(spec) is not None


def test_a_spec_follows_from_the_environment_the_slot_and_the_place(tmp_path: Path) -> None:
    these = homes(tmp_path, environment("test", memory_mib=700, stop_seconds=45.0))
    assert these.spec("eager", "b", "sha256:00", 3) == BotSpec(
        name="test-eager-b",
        environment="test",
        strategy="eager",
        bundle="sha256:00",
        home=str(tmp_path / "test" / "bots" / "test-eager-b"),
        api_port=FIRST_PORT + 7,
        memory_mib=700,
        stop_seconds=45.0,
    )
    with pytest.raises(UsageError, match="no strategy's id"):
        these.spec("../eager", "a", "sha256:00", 0)


def test_a_dry_run_home_holds_settings_configuration_and_the_bundle(tmp_path: Path) -> None:
    files = {"strategy.json": b"{}", "local/__init__.py": b"", "local/deep/sums.py": b"ONE = 1\n"}
    home = prepared(homes(tmp_path), files=files, pairs=("ETH/USDT", "XRP/USDT"))
    settings = read_settings(read(home, "bot.json"))
    one = stored(files=files, pairs=("ETH/USDT", "XRP/USDT"))
    assert settings.bundle == one.digest
    assert (settings.name, settings.environment, settings.strategy) == ("test-eager-a", "test", "eager")
    assert (settings.class_name, settings.mode, settings.capital) == ("Eager", "dry_run", Decimal(1000))
    assert settings.database == str(tmp_path / "test" / "databases" / "eager.dry_run.sqlite")
    assert (settings.lease_file, settings.lease_seconds) == ("", 0.0)
    assert settings.strategy_files == {path: digest_bytes(content) for path, content in one.bundle.files.items()}
    assert everything(home / "strategy") == one.bundle.files
    public = read(home, "public.json")
    assert (public["dry_run"], public["timeframe"], public["initial_state"]) == (True, "1m", "paused")
    assert public["exchange"]["pair_whitelist"] == ["ETH/USDT"]
    assert public["api_server"]["listen_port"] == FIRST_PORT
    assert public["db_url"] == f"sqlite:///{settings.database}"
    assert "ccxt_config" not in public["exchange"]
    assert open_home(home).bundle == one.digest


def test_a_live_home_names_the_lease_and_the_strategys_own_order_types(tmp_path: Path) -> None:
    order_types = {"entry": "market", "exit": "limit", "stoploss": "market", "stoploss_on_exchange": False}
    home = prepared(live(tmp_path, lease_seconds=120.0), order_types=order_types)
    settings = read_settings(read(home, "bot.json"))
    assert (settings.mode, settings.lease_seconds) == ("live", 120.0)
    assert settings.lease_file == str(tmp_path / "prod" / "lease")
    assert settings.database == str(tmp_path / "prod" / "databases" / "eager.live.sqlite")
    public = read(home, "public.json")
    assert public["dry_run"] is False
    assert public["order_types"] == {**order_types, "stoploss_on_exchange": True}
    assert read(home, "secret.json")["exchange"] == {"key": "key-of-prod", "secret": "secret-of-prod"}


def test_a_dry_run_passes_no_access_on_though_it_is_injected(tmp_path: Path) -> None:
    home = prepared(homes(tmp_path, secrets=SECRETS))
    assert "exchange" not in read(home, "secret.json")
    assert not [path for path, content in everything(tmp_path).items() if b"of-prod" in content]


def test_only_the_owner_reads_a_home_and_the_bundles_files_are_read_only(tmp_path: Path) -> None:
    device = tmp_path / "device"
    home = prepared(live(device), files={"local/__init__.py": b""})
    assert mode_of(home / "secret.json") == 0o600
    assert mode_of(home / "strategy" / "local" / "__init__.py") == 0o400
    folders = (device, device / "prod", home.parent, home, home / "strategy", home / "strategy" / "local")
    assert {mode_of(folder) for folder in folders} == {0o700}
    assert not [file for file in home.rglob("*") if file.is_file() and mode_of(file) & 0o077]


def test_the_checkout_and_the_callers_folder_appear_nowhere_in_a_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    home = prepared(homes(Path("device")))
    assert home == tmp_path / "device" / "test" / "bots" / "test-eager-a"
    assert not [path for path, content in everything(home).items() if str(ROOT).encode() in content]


def test_secrets_arrive_byte_for_byte_where_freqtrade_splices_its_configuration(tmp_path: Path) -> None:
    from freqtrade.configuration.load_config import load_from_files

    secrets = Secrets(Secret(AWKWARD), Secret(AWKWARD[::-1]), Secret("000123"), Secret("1:000"), Secret("-000123"))
    home = prepared(homes(tmp_path, environment("prod", exchange="okx", bots_on_telegram=True), secrets))
    whole = load_from_files([str(home / "public.json"), str(home / "secret.json")])
    exchange, telegram = whole["exchange"], whole["telegram"]
    assert (exchange["key"], exchange["secret"], exchange["password"]) == (AWKWARD, AWKWARD[::-1], "000123")
    assert (telegram["token"], telegram["chat_id"], telegram["enabled"]) == ("1:000", "-000123", True)
    again = prepared(homes(tmp_path, environment("prod", exchange="okx", bots_on_telegram=True)), "b")
    kept = load_from_files([str(again / "public.json"), str(again / "secret.json")])
    assert (kept["exchange"], kept["telegram"]) == (exchange, telegram)


def test_without_injected_secrets_those_of_the_home_written_last_are_taken(tmp_path: Path) -> None:
    os.utime(prepared(live(tmp_path), "a") / "secret.json", (1.0, 1.0))
    rotated = Secrets(access_key=Secret("newer-key"), access_secret=Secret("newer-secret"))
    prepared(live(tmp_path, rotated), "b")
    home = prepared(live(tmp_path, None), "a")
    assert read(home, "secret.json")["exchange"] == {"key": "newer-key", "secret": "newer-secret"}
    home = prepared(homes(tmp_path, environment("prod", bots_on_telegram=True), TELEGRAM), "a")
    assert read(home, "secret.json")["exchange"]["key"] == "newer-key"
    assert read(home, "secret.json")["telegram"]["token"] == "1:token"


def test_the_only_home_keeps_its_secrets_when_it_is_written_again(tmp_path: Path) -> None:
    prepared(live(tmp_path))
    home = prepared(live(tmp_path, None), files={"strategy.json": b"{}"})
    assert read(home, "secret.json")["exchange"]["secret"] == "secret-of-prod"


@pytest.mark.parametrize("secrets", [None, Secrets(), Secrets(access_key=Secret("lonely"))])
def test_a_live_bot_without_its_access_is_refused_and_nothing_is_written(
    tmp_path: Path, secrets: Secrets | None
) -> None:
    prepared(homes(tmp_path, secrets=SECRETS))
    with pytest.raises(Refused, match="EXCHANGE_ACCESS_SECRET") as refused:
        prepared(live(tmp_path, secrets))
    assert "secrets of the GitHub Environment 'prod'" in refused.value.hint
    assert "lonely" not in str(refused.value)
    assert not (tmp_path / "prod").exists()


def test_secrets_are_not_carried_from_one_exchange_or_mode_to_another(tmp_path: Path) -> None:
    prepared(live(tmp_path))
    with pytest.raises(Refused, match="trades on kraken"):
        prepared(homes(tmp_path, environment("prod", exchange="kraken")))
    with pytest.raises(Refused, match="EXCHANGE_ACCESS_PASSWORD"):
        prepared(homes(tmp_path, environment("prod", exchange="okx"), SECRETS))


def test_a_home_that_cannot_be_read_is_no_source_of_secrets(tmp_path: Path) -> None:
    home = prepared(live(tmp_path))
    (home / "secret.json").write_bytes(b'{"exchange": {"key": "ha')
    with pytest.raises(Refused, match="was not injected"):
        prepared(live(tmp_path, None), "b")
    (home / "secret.json").unlink()
    (home / "secret.json").symlink_to("/etc/hostname")
    with pytest.raises(Refused, match="was not injected"):
        prepared(live(tmp_path, None), "b")


def test_a_home_that_a_killed_writer_moved_aside_still_gives_its_secrets(tmp_path: Path) -> None:
    home = prepared(live(tmp_path))
    home.rename(home.with_name(f".{home.name}.old"))
    assert read(prepared(live(tmp_path, None)), "secret.json")["exchange"]["key"] == "key-of-prod"
    assert [one.name for one in home.parent.iterdir()] == [home.name]


def test_every_home_has_an_access_of_its_own_and_the_bot_is_called_with_it(tmp_path: Path) -> None:
    these = homes(tmp_path)
    first, second = (read(prepared(these, slot), "secret.json")["api_server"] for slot in "ab")
    assert len(first["jwt_secret_key"]) >= 32
    assert not {first[key] for key in ("password", "jwt_secret_key", "ws_token")} & set(second.values())
    assert read(prepared(these, "a"), "secret.json")["api_server"]["password"] != first["password"]
    bot = these.bot(these.spec("eager", "b", stored().digest, 0))
    assert (bot.port, bot.user, bot.password) == (FIRST_PORT + 1, second["username"], second["password"])
    with pytest.raises(ToolFailed, match="does not tell the API's user"):
        these.bot(these.spec("other", "a", stored().digest, 1))


def test_a_bot_that_trades_is_still_called_by_its_password_when_its_home_is_written_again(tmp_path: Path) -> None:
    these = homes(tmp_path)
    before = read(prepared(these), "secret.json")["api_server"]
    other = read(prepared(these, "b"), "secret.json")["api_server"]
    lock = tmp_path / "test" / "databases" / "eager.dry_run.sqlite.lock"
    lock.parent.mkdir()
    with lock.open("w") as held:
        held.write('{"bot": "test-eager-a", "pid": 1}')
        held.flush()
        fcntl.flock(held, fcntl.LOCK_EX)
        assert read(prepared(these), "secret.json")["api_server"] == before
        assert read(prepared(these, "b"), "secret.json")["api_server"] != other
    assert read(prepared(these), "secret.json")["api_server"] != before


def test_a_bot_is_braked_from_its_first_moment_until_it_is_unheld(tmp_path: Path) -> None:
    these = homes(tmp_path)
    home = prepared(these, hold="drawdown of 30 %")
    spec = these.spec("eager", "a", stored().digest, 0)
    assert read(home, BRAKE_FILE) == {"reason": "drawdown of 30 %", "since": "2026-01-01T00:00:00Z"}
    prepared(these, hold="")
    assert read(home, BRAKE_FILE)["reason"] == "drawdown of 30 %"
    these.unhold(spec)
    these.unhold(spec)
    assert not (home / BRAKE_FILE).exists()
    prepared(these, hold="")
    assert not (home / BRAKE_FILE).exists()
    these.hold(spec, "asked")
    these.hold(spec, "asked again")
    assert read(home, BRAKE_FILE)["reason"] == "asked again"
    assert mode_of(home / BRAKE_FILE) == 0o600


def test_a_bot_whose_home_is_gone_can_be_braked_and_its_home_written_again(tmp_path: Path) -> None:
    these = homes(tmp_path)
    spec = these.spec("eager", "a", stored().digest, 0)
    these.unhold(spec)
    these.hold(spec, "asked")
    assert mode_of(Path(spec.home)) == 0o700
    assert (prepared(these, hold="") / BRAKE_FILE).exists()


def test_what_cannot_run_there_is_refused_with_every_reason(tmp_path: Path) -> None:
    one = stored(engine={"freqtrade": "1999.1", "no-such-thing": "1.0"}, pairs=("XRP/USDT",), simulated=True)
    these = live(tmp_path, None)
    with pytest.raises(Refused) as refused:
        these.prepare(these.spec("eager", "a", one.digest, 0), one, "not proved yet")
    told = str(refused.value)
    assert "freqtrade 1999.1, and " in told
    assert "no-such-thing 1.0, and none is installed" in told
    assert "lets none of the strategy's pairs be traded: XRP/USDT" in told
    assert "simulated data" in told
    assert "EXCHANGE_ACCESS_KEY" in told
    assert "cut" in refused.value.hint
    assert not (tmp_path / "prod").exists()


def test_evidence_that_allows_no_real_money_is_refused_live_and_taken_by_a_rehearsal(tmp_path: Path) -> None:
    for weakness in ({"simulated": True}, {"uncommitted": True}, {"commit": ""}):
        with pytest.raises(Refused, match="may not trade real money"):
            prepared(live(tmp_path), **weakness)
        assert prepared(homes(tmp_path), **weakness).is_dir()
        assert prepared(live(tmp_path / "rehearsal", rehearsal=True), **weakness).is_dir()


def test_a_later_manifest_on_simulated_data_takes_nothing_from_an_earlier_real_one(tmp_path: Path) -> None:
    one = stored()
    later = replace(one.newest, simulated=True, cut_at=datetime(2026, 2, 1, tzinfo=UTC))
    these = live(tmp_path)
    these.prepare(these.spec("eager", "a", one.digest, 0), replace(one, manifests=(one.newest, later)), "x")


IMAGE, ANOTHER = "sha256:" + "1" * 64, "sha256:" + "2" * 64


@dataclass
class FakeImages:
    """The images of a device; each holds the engine that is installed here, as far as nothing else is said."""

    there: tuple[str, ...] = (IMAGE, ANOTHER)
    named: str = ""
    other_versions: Mapping[str, str] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)

    def here(self) -> tuple[Image, ...]:
        return tuple(Image(digest, frozenset({digest})) for digest in self.there)

    def otherwise(self, spec: BotSpec) -> str:
        return self.named

    def versions(self, image: Image, names: Collection[str]) -> Mapping[str, str]:
        return {**stored().bundle.engine, **self.other_versions}

    def keep(self, image: Image) -> None:
        self.kept.append(image.reference)


def cut_for(*images: str, **changed: Any) -> StoredBundle:
    """A bundle that was cut once for each of the images."""
    one = stored(**changed)
    return replace(one, manifests=tuple(replace(one.newest, image=image) for image in images))


def home_of(these: BotHomes, one: StoredBundle) -> Path:
    spec = these.spec("eager", "a", one.digest, 0)
    these.prepare(spec, one, "not proved yet")
    return Path(spec.home)


@pytest.mark.parametrize("named", ["", IMAGE, ANOTHER])
def test_a_bot_runs_in_the_image_that_its_bundle_was_cut_for_whatever_is_named(named: str, tmp_path: Path) -> None:
    images = FakeImages(named=named)
    home = home_of(homes(tmp_path, images=images), cut_for(IMAGE))
    assert read(home, IMAGE_FILE) == {"image": IMAGE}
    assert images.kept == [IMAGE]
    assert read_settings(read(home, "bot.json")).name == "test-eager-a"


def test_a_bundle_that_was_cut_for_none_runs_in_what_is_named(tmp_path: Path) -> None:
    home = home_of(homes(tmp_path, images=FakeImages(named=ANOTHER)), cut_for(""))
    assert read(home, IMAGE_FILE) == {"image": ANOTHER}


def test_a_process_runs_in_no_image(tmp_path: Path) -> None:
    assert not (home_of(homes(tmp_path), cut_for(IMAGE)) / IMAGE_FILE).exists()


def test_a_bundle_whose_image_is_not_here_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    these = homes(tmp_path, images=FakeImages((ANOTHER,), named=ANOTHER))
    one = cut_for(IMAGE)
    with pytest.raises(Refused, match=f"cut for the image {IMAGE}, which is not on this device") as refused:
        home_of(these, one)
    assert "docker pull" in refused.value.hint
    assert not (tmp_path / "test").exists()
    (told,) = these.against(these.spec("eager", "a", one.digest, 0), one)
    assert "docker pull" in told


def test_a_bot_that_has_to_come_back_is_not_kept_down_by_a_later_image_that_nobody_pulled(tmp_path: Path) -> None:
    these, one = homes(tmp_path, images=FakeImages((IMAGE,))), cut_for(IMAGE, ANOTHER)
    spec = these.spec("eager", "a", one.digest, 0)
    assert f"{ANOTHER}, for which it was cut later, is not on this device" in these.prepare(spec, one, "x")
    assert read(Path(spec.home), IMAGE_FILE) == {"image": IMAGE}


def test_real_money_follows_the_image_of_a_manifest_on_which_it_may_trade(tmp_path: Path) -> None:
    real, simulated = cut_for(IMAGE).newest, replace(cut_for(ANOTHER).newest, simulated=True)
    one = replace(stored(), manifests=(real, simulated))
    assert read(home_of(live(tmp_path / "live", images=FakeImages()), one), IMAGE_FILE) == {"image": IMAGE}
    assert read(home_of(homes(tmp_path / "dry", images=FakeImages()), one), IMAGE_FILE) == {"image": ANOTHER}


def test_an_image_with_another_engine_than_the_bundle_was_measured_with_is_refused(tmp_path: Path) -> None:
    these = homes(tmp_path, images=FakeImages(other_versions={"freqtrade": "1999.1"}))
    with pytest.raises(Refused, match=rf"and 1999\.1 is in the image {IMAGE}"):
        home_of(these, cut_for(IMAGE))


def test_an_image_with_the_engine_of_the_bundle_is_taken_though_another_one_is_installed_here(tmp_path: Path) -> None:
    earlier = {"freqtrade": "1999.1"}
    one = cut_for(IMAGE, engine=earlier)
    assert home_of(homes(tmp_path, images=FakeImages(other_versions=earlier)), one).is_dir()
    with pytest.raises(Refused, match="is installed"):
        home_of(homes(tmp_path / "process"), one)


def test_a_spec_of_another_bundle_environment_or_device_is_refused(tmp_path: Path) -> None:
    these, one = homes(tmp_path), stored()
    spec = these.spec("eager", "a", one.digest, 0)
    strangers = (
        replace(spec, bundle="sha256:00"),
        replace(spec, strategy="other"),
        live(tmp_path).spec("eager", "a", one.digest, 0),
        replace(spec, home=str(tmp_path / "elsewhere")),
    )
    for stranger in strangers:
        with pytest.raises(Refused, match="is no bot of 'test'"):
            these.prepare(stranger, one, "x")
    assert list(tmp_path.iterdir()) == []


def test_the_rehearsal_leads_its_bots_to_the_loopback(tmp_path: Path) -> None:
    home = prepared(homes(tmp_path, ccxt_config={"enableRateLimit": False}, throttle_seconds=1))
    public = read(home, "public.json")
    assert public["exchange"]["ccxt_config"] == {"enableRateLimit": False}
    assert public["internals"] == {"process_throttle_secs": 1}


def test_only_a_rehearsals_bot_is_kept_on_this_machine(tmp_path: Path) -> None:
    for number, rehearsal in enumerate((True, False)):
        home = prepared(homes(tmp_path / str(number), rehearsal=rehearsal))
        assert read(home, "bot.json")["loopback_only"] is rehearsal


OWN = {"eager": Secrets(access_key=Secret("key-of-eager"), access_secret=Secret("secret-of-eager"))}
"""What is injected for the strategy's own account."""


def with_own_keys(name: str = "prod") -> TradingEnvironment:
    return environment(name, own_keys=(OwnKeys("eager", "EAGER_KEY", "EAGER_SECRET"),))


def test_a_strategy_with_keys_of_its_own_is_given_them_and_keeps_them(tmp_path: Path) -> None:
    home = prepared(homes(tmp_path, with_own_keys(), SECRETS, own_secrets=OWN))
    assert read(home, "secret.json")["exchange"]["key"] == "key-of-eager"
    again = prepared(homes(tmp_path, with_own_keys()), "b")
    assert read(again, "secret.json")["exchange"]["key"] == "key-of-eager", "nothing was injected, as for a roll-back"


def test_a_shared_key_that_lies_in_a_home_is_never_taken_for_the_strategys_own(tmp_path: Path) -> None:
    prepared(live(tmp_path))
    with pytest.raises(Refused, match="the bot of 'eager' in 'prod' trades on binance and needs EAGER_KEY"):
        prepared(homes(tmp_path, with_own_keys()), "b")
    prepared(homes(tmp_path / "other", with_own_keys(), SECRETS, own_secrets=OWN))
    with pytest.raises(Refused, match="a bot of 'prod' trades on binance and needs EXCHANGE_ACCESS_KEY"):
        prepared(live(tmp_path / "other", None), "b")


def test_two_environments_with_one_key_are_noticed_and_nothing_is_written(tmp_path: Path) -> None:
    sandbox = homes(tmp_path, environment("sandbox"), SECRETS)
    prepared(sandbox)
    prod = live(tmp_path)
    one = stored()
    spec = prod.spec("eager", "a", one.digest, 0)
    assert prod.sharing(spec) == (Account("sandbox"),)
    with pytest.raises(Refused, match="'prod' was given the key with which 'sandbox' trades on binance") as caught:
        prod.prepare(spec, one, "")
    assert "key-of-prod" not in caught.value.message + caught.value.hint
    assert not Path(spec.home).exists()
    assert sandbox.sharing(sandbox.spec("eager", "b", one.digest, 0)) == (), "an environment may keep its own"
    other = Secrets(access_key=Secret("another"), access_secret=Secret("secret"))
    assert prepared(live(tmp_path, other)).exists()


def test_keys_of_its_own_that_are_the_shared_ones_are_noticed(tmp_path: Path) -> None:
    prepared(live(tmp_path))
    own = homes(tmp_path, with_own_keys(), SECRETS, own_secrets={"eager": SECRETS})
    assert own.sharing(own.spec("eager", "b", stored().digest, 0)) == (Account("prod"),)
    dry = homes(tmp_path, environment(), SECRETS)
    assert dry.sharing(dry.spec("eager", "a", stored().digest, 0)) == (), "a dry-run has no key"


def test_cleared_homes_are_gone_with_all_that_was_left_beside_them_and_the_rest_stays(tmp_path: Path) -> None:
    these = live(tmp_path)
    home = prepared(these)
    prepared(these, "b")
    (home.parent / ".prod-eager-a.old").mkdir()
    (home.parent / ".prod-eager-a.old" / "secret.json").write_text("{}")
    (home.parent / "prod-eager_two-a").mkdir()
    (tmp_path / "prod" / "databases").mkdir()
    (tmp_path / "prod" / "databases" / "eager.live.sqlite").touch()
    assert these.clear("eager")
    assert [path.name for path in home.parent.iterdir()] == ["prod-eager_two-a"]
    assert (tmp_path / "prod" / "databases" / "eager.live.sqlite").exists()
    assert not these.clear("eager")
    assert not live(tmp_path / "nowhere").clear("eager")
    with pytest.raises(Refused, match="no bot of 'prod' on this device has it"):
        prepared(live(tmp_path, None))
    assert live(tmp_path).sharing(these.spec("eager", "a", stored().digest, 0)) == ()


def test_the_latest_logs_are_kept_for_nobody_else_to_read(tmp_path: Path) -> None:
    clock = FakeClock()
    these = BotHomes(tmp_path, environment(), clock, first_port=FIRST_PORT)
    spec = these.spec("eager", "a", "sha256:00", 0)
    for number in range(7):
        these.keep_log(spec, f"run {number}\n")
        clock.sleep(60)
    kept = sorted((tmp_path / "test" / "logs").iterdir())
    assert [file.read_text() for file in kept] == [f"run {number}\n" for number in range(2, 7)]
    assert kept[0].name == "test-eager-a.20260101T000200Z.log"
    assert mode_of(kept[0]) == 0o600
