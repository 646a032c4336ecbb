"""A bot writes on while what it printed is cut."""

from pathlib import Path

from pipeline.adapters.supervisor.rotation import rotate


def test_parts_move_on_and_the_oldest_goes(tmp_path: Path) -> None:
    output = tmp_path / "output.log"
    assert not rotate(output, most=3)
    with output.open("ab", buffering=0) as bot:
        for number in range(1, 6):
            bot.write(b"%d..." % number)
            assert rotate(output, most=3, backups=3)
        bot.write(b"6")
        assert not rotate(output, most=3, backups=3)
    parts = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert parts == {"output.log": b"6", "output.log.1": b"...", "output.log.2": b"...", "output.log.3": b"..."}


def test_of_a_very_large_part_the_end_is_kept(tmp_path: Path) -> None:
    output = tmp_path / "output.log"
    output.write_bytes(b"x" * 1000 + b"end")
    assert rotate(output, most=3)
    assert output.read_bytes() == b""
    assert output.with_name("output.log.1").read_bytes() == b"end"
