"""Blocks of ports: given once, kept, never given twice, and never where somebody else of this machine listens."""

import json
import socket
from pathlib import Path

import pytest

from pipeline.adapters.port_blocks import FIRST, LAST, SIZE, first_port, in_turn, listening
from pipeline.errors import Refused


def nobody() -> frozenset[int]:
    return frozenset()


def test_a_block_is_given_once_and_kept(tmp_path: Path) -> None:
    first = [first_port(tmp_path, name, nobody) for name in ("test", "sandbox", "test")]
    one, other, *_ = in_turn(tmp_path)
    assert first == [one, other, one]
    assert json.loads((tmp_path / "ports.json").read_text()) == {"sandbox": other, "test": one}


def test_homes_begin_at_different_blocks_and_each_can_be_given_all(tmp_path: Path) -> None:
    homes = [tmp_path / str(number) for number in range(50)]
    assert len({first_port(home, "test", nobody) for home in homes}) > 20, "one of 70 blocks each"
    assert all(sorted(in_turn(home)) == list(range(FIRST, LAST, SIZE)) for home in homes)


def test_a_block_where_somebody_listens_is_passed_over_and_one_that_was_given_stays(tmp_path: Path) -> None:
    one, other, third, *_ = in_turn(tmp_path)
    assert first_port(tmp_path, "test", lambda: frozenset({one + SIZE - 1, other})) == third
    own_bots = frozenset({third, third + 3})
    assert first_port(tmp_path, "test", lambda: own_bots) == third
    assert first_port(tmp_path, "sandbox", lambda: own_bots) == one


def test_where_somebody_listens_everywhere_a_block_is_given_all_the_same(tmp_path: Path) -> None:
    assert first_port(tmp_path, "test", lambda: frozenset(range(FIRST, LAST))) == in_turn(tmp_path)[0]


def test_where_all_blocks_are_given_it_is_refused(tmp_path: Path) -> None:
    given = {f"e{port}": port for port in range(FIRST, LAST, SIZE)}
    (tmp_path / "ports.json").write_text(json.dumps(given))
    with pytest.raises(Refused, match="all blocks of ports"):
        first_port(tmp_path, "test", nobody)


@pytest.mark.sockets
def test_whoever_listens_on_this_machine_is_seen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert port in listening()
    assert port not in listening()
