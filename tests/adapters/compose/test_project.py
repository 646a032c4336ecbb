"""The compose file as data: what a container may, and what compose would otherwise fill in."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.adapters.compose import launch
from pipeline.adapters.compose.launch import Launch, Mount
from pipeline.adapters.compose.layout import layout
from pipeline.adapters.compose.mounts import of_bot
from pipeline.adapters.compose.project import compose_file
from pipeline.adapters.compose.seen import parsed_time
from pipeline.domain.bot import BotSpec
from pipeline.domain.bot_settings import SETTINGS_FILE
from pipeline.errors import ToolFailed

SPEC = BotSpec("prod-dip-a", "prod", "dip", "sha256:" + "1" * 64, "/d/$h", 18001, memory_mib=700, stop_seconds=61.5)
LAUNCH = Launch(SPEC, ("python3", "bot", "$x"), "sha256:" + "2" * 64, "7:8", (Mount("/d/$h"), Mount("/d/l", True)))


def service(what: Launch = LAUNCH) -> dict[str, object]:
    """Its part of the file."""
    services = compose_file(layout(Path("/d")).project("prod"), [what])["services"]
    assert isinstance(services, dict)
    found = services[what.spec.name]
    assert isinstance(found, dict)
    return dict(found)


def test_a_container_may_nothing_that_it_does_not_need() -> None:
    found = service()
    assert found["cap_drop"] == ["ALL"]
    assert found["security_opt"] == ["no-new-privileges:true"]
    assert found["read_only"] is True
    assert found["user"] == "7:8"
    assert (found["mem_limit"], found["memswap_limit"], found["pids_limit"]) == ("700m", "700m", 512)
    assert (found["restart"], found["stop_grace_period"]) == ("no", "62s")
    assert found["ports"] == [{"target": 18001, "published": "18001", "host_ip": "127.0.0.1", "protocol": "tcp"}]
    assert "privileged" not in found
    assert "cap_add" not in found


def test_nothing_that_stands_in_a_path_or_a_command_is_filled_in_by_compose() -> None:
    found = json.dumps(service())
    assert '"$$x"' in found
    assert '"/d/$$h"' in found


def test_only_a_rehearsal_shares_the_network_of_the_device() -> None:
    assert service()["networks"] == ["bots"]
    shared = service(Launch(SPEC, LAUNCH.argv, LAUNCH.image, "7:8", (), host_network=True))
    assert (shared["network_mode"], "networks" in shared, "ports" in shared) == ("host", False, False)


def test_environments_have_networks_of_their_own_whose_bots_do_not_see_each_other() -> None:
    files = [compose_file(layout(Path("/d")).project(name), [])["networks"] for name in ("test", "prod")]
    names = []
    for networks in files:
        assert isinstance(networks, dict)
        network = networks["bots"]
        assert isinstance(network, dict)
        options = network["driver_opts"]
        assert isinstance(options, dict)
        assert options["com.docker.network.bridge.enable_icc"] == "false"
        bridge = options["com.docker.network.bridge.name"]
        assert isinstance(bridge, str)
        assert len(bridge) <= 15
        names.append((network["name"], bridge))
    assert names[0][0] != names[1][0]
    assert names[0][1] != names[1][1]


def test_what_was_started_is_read_as_it_was_written(tmp_path: Path) -> None:
    what = Launch(SPEC, ("a",), LAUNCH.image, "0:0", (Mount("/x", True),), host_network=True)
    (tmp_path / "launch.json").write_text(launch.written(what))
    assert launch.read(tmp_path / "launch.json") == what


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"[]", b"{}", b'{"spec": {}}'])
def test_a_damaged_file_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "launch.json").write_bytes(content)
    with pytest.raises(ToolFailed, match="does not say what to start"):
        launch.read(tmp_path / "launch.json")


def test_a_bot_sees_its_home_its_databases_and_the_lease_and_a_lease_that_nobody_touched_is_old(tmp_path: Path) -> None:
    home = tmp_path / "prod/bots/prod-dip-a"
    (home / "strategy").mkdir(parents=True)
    database, lease = tmp_path / "prod/databases/dip.live.sqlite", tmp_path / "prod/lease"
    settings = {
        **{"name": "prod-dip-a", "environment": "prod", "strategy": "dip", "bundle": "sha256:" + "1" * 64},
        **{"class_name": "Dip", "mode": "live", "capital": "100", "strategy_dir": "strategy"},
        **{
            "database": str(database),
            "config_files": ["public.json"],
            "lease_file": str(lease),
            "lease_seconds": 900.0,
        },
    }
    (home / SETTINGS_FILE).write_text(json.dumps(settings))
    assert of_bot(home) == (
        Mount(str(home)),
        Mount(str(home / "strategy"), read_only=True),
        Mount(str(database.parent)),
        Mount(str(lease), read_only=True),
    )
    assert database.parent.is_dir()
    assert lease.stat().st_mtime == 0
    lease.touch()
    touched = lease.stat().st_mtime
    of_bot(home)
    assert lease.stat().st_mtime == touched


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-11-21T16:07:55.123456789Z", datetime(2026, 11, 21, 16, 7, 55, 123456, tzinfo=UTC)),
        ("2026-11-21T16:07:55Z", datetime(2026, 11, 21, 16, 7, 55, tzinfo=UTC)),
        ("2026-11-21T17:07:55.5+01:00", datetime(2026, 11, 21, 16, 7, 55, 500000, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("", None),
    ],
)
def test_times_of_the_engine_are_understood(text: str, meant: datetime | None) -> None:
    assert parsed_time(text) == meant
