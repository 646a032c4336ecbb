"""Blocks of ports: given once, kept, never given twice, and never where somebody else of this machine listens."""

import json
import socket
from pathlib import Path

import pytest

from pipeline.adapters.port_blocks import FIRST, LAST, SIZE, first_port, listening, scatter
from pipeline.errors import Refused


def nobody() -> frozenset[int]:
    return frozenset()


def test_a_block_is_given_once_and_kept(tmp_path: Path) -> None:
    first = [first_port(tmp_path, name, nobody) for name in ("test", "sandbox", "test")]
    assert first == [FIRST, FIRST + SIZE, FIRST]
    assert json.loads((tmp_path / "ports.json").read_text()) == {"sandbox": FIRST + SIZE, "test": FIRST}


def test_a_block_where_somebody_listens_is_passed_over_and_one_that_was_given_stays(tmp_path: Path) -> None:
    assert first_port(tmp_path, "test", lambda: frozenset({FIRST + SIZE - 1, FIRST + SIZE})) == FIRST + 2 * SIZE
    own_bots = frozenset({FIRST + 2 * SIZE, FIRST + 2 * SIZE + 3})
    assert first_port(tmp_path, "test", lambda: own_bots) == FIRST + 2 * SIZE
    assert first_port(tmp_path, "sandbox", lambda: own_bots) == FIRST


def test_where_somebody_listens_everywhere_a_block_is_given_all_the_same(tmp_path: Path) -> None:
    assert first_port(tmp_path, "test", lambda: frozenset(range(FIRST, LAST))) == FIRST


def test_homes_that_are_made_at_the_same_time_have_ports_of_their_own(tmp_path: Path) -> None:
    """Nobody listens yet, and each is given what is free: the first block would be everybody's."""
    names = ("test", "sandbox", "prod")
    for number in range(20):
        scatter(tmp_path / str(number), names, nobody)
    found = [tuple(first_port(tmp_path / str(number), name, nobody) for name in names) for number in range(20)]
    assert len(set(found)) == 20
    for first, *others in found:
        assert others == [first + SIZE, first + 2 * SIZE]
        assert FIRST <= first <= LAST - 3 * SIZE


def test_scattered_blocks_pass_over_whoever_listens(tmp_path: Path) -> None:
    picks = iter([0, 50, 400])
    scatter(tmp_path, ("test", "sandbox"), lambda: frozenset({FIRST + 399, FIRST + 450}), lambda _: next(picks))
    assert first_port(tmp_path, "sandbox", nobody) == FIRST + 800 + SIZE


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
