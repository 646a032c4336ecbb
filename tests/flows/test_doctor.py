"""What disagrees on a device: every kind of disagreement, planted on a real disk, is found, and nothing else is; looking changes nothing."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.domain.account_report import AccountFill
from pipeline.domain.canonical import Plain, digest_bytes, plain
from pipeline.domain.doctor.kinds import Kind
from pipeline.domain.train.decisions import Moved, Moving
from pipeline.domain.train.movements import Deployed, Deploying, Purpose
from pipeline.domain.train.steps import Step, StepKind
from pipeline.errors import ExitCode, ToolFailed
from pipeline.flows.doctor import diagnose
from pipeline.wiring.doctor import AbsentRuntime
from tests.doctor_ground import HOUR, KEY, STRATEGY, Ground, other, sound
from tests.doctor_plants import PLANTS


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    with sound(tmp_path / "device") as made:
        yield made


def found(ground: Ground) -> list[Kind]:
    return [one.kind for one in diagnose(ground.practice()).disagreements]


def test_where_everything_agrees_nothing_is_said_and_nothing_is_left_unseen(ground: Ground) -> None:
    diagnosis = diagnose(ground.practice())
    assert (diagnosis.disagreements, diagnosis.unseen, diagnosis.code) == ((), (), ExitCode.DONE)


def test_every_kind_of_disagreement_is_planted() -> None:
    assert set(PLANTS) == set(Kind)


@pytest.mark.parametrize("kind", PLANTS)
def test_what_was_planted_is_found_alone_and_looking_changes_nothing(
    ground: Ground, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    PLANTS[kind](ground, monkeypatch)
    before = ground.content()
    diagnosis = diagnose(ground.practice())
    assert [one.kind for one in diagnosis.disagreements] == [kind], diagnosis
    (one,) = diagnosis.disagreements
    assert one.command.split()[0] in ("freqtrain", "sudo", "chmod", "fuser", "git")
    assert one.means
    assert diagnosis.code is ExitCode.REFUSED
    assert ground.content() == before


def test_what_cannot_be_asked_is_told_and_hides_nothing_else(ground: Ground) -> None:
    ground.account.down = True
    ground.touched(ground.own / "lease", HOUR)
    diagnosis = diagnose(ground.practice())
    assert [one.kind for one in diagnosis.disagreements] == [Kind.LEASE_OLD]
    assert [(one.what, one.why) for one in diagnosis.unseen] == [
        (f"account of {STRATEGY}", "binance does not answer"),
    ]
    ground.touched(ground.own / "lease")
    assert diagnose(ground.practice()).code is ExitCode.TOOL


def test_a_runtime_that_cannot_be_asked_leaves_no_bot_to_be_missed(ground: Ground) -> None:
    practice = ground.practice()
    silent = replace(practice.road, runtime=AbsentRuntime(ToolFailed("Docker's engine does not answer", hint="x")))
    diagnosis = diagnose(replace(practice, road=silent))
    assert diagnosis.disagreements == ()
    assert "Docker's engine does not answer" in [one.why for one in diagnosis.unseen]


def test_while_a_verb_is_at_work_bots_and_homes_are_not_judged(ground: Ground) -> None:
    ground.runtime.bots.clear()
    (ground.bot_home / "bot.json").unlink()
    with ground.practice().road.locked("deploy"):
        diagnosis = diagnose(ground.practice())
    assert diagnosis.disagreements == ()
    assert "a verb is at work: deploy by tests" in diagnosis.unseen[0].why
    assert diagnosis.code is ExitCode.TOOL


def test_an_order_that_the_bot_has_just_sent_is_not_asked_about(ground: Ground) -> None:
    ground.account.orders.append(ground.order(ago=timedelta(seconds=30)))
    assert found(ground) == []


def test_an_order_that_the_database_knows_is_explained(ground: Ground) -> None:
    ground.account.orders.append(ground.order(id="1001"))
    assert found(ground) == []


def test_a_fill_that_no_database_explains_is_found(ground: Ground) -> None:
    one = Decimal(1)
    ground.account.waiting_fills.append(AccountFill("1", "77", "BTC/USDT", "sell", one, one, ground.clock.at - HOUR))
    (told,) = diagnose(ground.practice()).disagreements
    assert told.kind is Kind.ACCOUNT_UNKNOWN
    assert "the order 77 was filled" in told.found


@pytest.mark.parametrize(
    ("pair", "expected"), [("BTC/USDT", True), ("SOL/USDT", True), ("ADA/USDT", False)], ids=["book", "list", "neither"]
)
def test_where_pair_lists_choose_the_account_is_compared_on_the_pairs_of_the_database_and_of_the_bot_s_list(
    ground: Ground, pair: str, expected: bool
) -> None:
    lists: dict[str, Plain] = {"pairlists": [{"method": "VolumePairList", "number_assets": 5}]}
    ground.environment = replace(ground.environment, pairs=(), freqtrade=lists)
    assert found(ground) == []
    before, one = ground.content(), Decimal(1)
    ground.account.waiting_fills.append(AccountFill("1", "77", pair, "sell", one, one, ground.clock.at - HOUR))
    assert (found(ground) == [Kind.ACCOUNT_UNKNOWN]) == expected
    assert ground.content() == before


def test_a_ledger_that_is_gone_is_missed_where_homes_are_there(ground: Ground) -> None:
    (ground.own / "ledger.jsonl").unlink()
    (ground.own / "ledger.jsonl.head").unlink()
    (told,) = diagnose(ground.practice()).disagreements
    assert (told.kind, told.found) == (Kind.LEDGER_BROKEN, "the ledger is missing, and homes or databases are there")


def test_a_cut_ledger_is_broken_and_not_to_be_mended_by_a_new_head(ground: Ground) -> None:
    ledger = ground.own / "ledger.jsonl"
    ledger.write_bytes(b"".join(ledger.read_bytes().splitlines(keepends=True)[:-1]))
    assert found(ground) == [Kind.LEDGER_BROKEN]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("bundle", other()),
        ("mode", "dry_run"),
        ("environment", "prod"),
        ("strategy_dir", "/"),
        ("database", "/elsewhere.sqlite"),
        ("strategy_files", {}),
    ],
)
def test_settings_that_somebody_edited_are_found(ground: Ground, key: str, value: object) -> None:
    """But for the digests of files: those of the bundle itself count."""
    ground.put_home(replace(ground.settings(), **{key: value}))  # type: ignore[arg-type]
    assert found(ground) == ([] if key == "strategy_files" else [Kind.HOME_EDITED])


def test_a_changed_file_is_found_though_the_digest_beside_it_was_changed_as_well(ground: Ground) -> None:
    file = ground.bot_home / "strategy" / "strategy.py"
    file.chmod(0o600)
    file.write_bytes(b"import os\n")
    digests = {**ground.settings().strategy_files, "strategy.py": digest_bytes(b"import os\n")}
    edited = json.dumps(plain(replace(ground.settings(), strategy_files=digests)))
    (ground.bot_home / "bot.json").write_text(edited)
    (told,) = diagnose(ground.practice()).disagreements
    assert (told.kind, told.found) == (Kind.HOME_EDITED, "strategy.py was changed")


def test_the_bundle_to_go_back_to_is_missed_too(ground: Ground) -> None:
    name, new = ground.environment.name, other("e")
    ground.tell(
        Deploying(name, STRATEGY, Purpose.DEPLOY, new, "b", (), "ada", old_bundle=ground.bundle.digest, old_slot="a"),
        Deployed(name, STRATEGY, new, "b", "ada"),
    )
    PLANTS[Kind.BUNDLE_MISSING](ground, pytest.MonkeyPatch())
    told = [one.found for one in diagnose(ground.practice()).disagreements if one.kind is Kind.BUNDLE_MISSING]
    assert told == [
        f"it should run of '{STRATEGY}', and it is not in the store",
        f"'{STRATEGY}' would go back to it, and it is not in the store",
    ]


def test_a_moved_environment_is_missed_by_nobody_and_its_bot_is_a_stray(ground: Ground) -> None:
    name = ground.environment.name
    ground.tell(Moving(name, "ada"), Moved(name, "ada", other("f")))
    assert found(ground) == [Kind.BOT_STRAY]
    ground.runtime.bots.clear()
    assert found(ground) == []


def test_trades_of_a_database_that_was_taken_over_may_be_older_than_the_train(tmp_path: Path) -> None:
    with sound(tmp_path / "device") as ground:
        (ground.own / "ledger.jsonl").unlink()
        (ground.own / "ledger.jsonl.head").unlink()
        ground.deploy(steps=(Step(StepKind.ADOPT_DATABASE),))
        ground.database.unlink()
        ground.put_database(30 * HOUR)
        assert found(ground) == []


def test_no_secret_stands_in_what_is_said(ground: Ground) -> None:
    for kind in (Kind.KEY_SHARED, Kind.HOME_EDITED, Kind.FILE_MODES):
        PLANTS[kind](ground, pytest.MonkeyPatch())
    told = str(diagnose(ground.practice()))
    assert KEY["key"] not in told
    assert KEY["secret"] not in told
