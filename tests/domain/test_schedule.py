"""How many backtests run at once."""

from pipeline.domain.schedule import memory_mib, parallelism


def test_plenty_of_memory_gives_as_many_as_were_asked_for() -> None:
    assert parallelism(4, 64_000, [100_000]) == 4


def test_little_memory_gives_fewer_but_never_none() -> None:
    assert parallelism(4, 3_000, [1_050_000]) == 1
    assert parallelism(4, 10, [1_050_000]) == 1


def test_ten_pairs_and_a_year_of_5m_take_about_1200_mib() -> None:
    assert 1_100 < memory_mib(1_050_000) < 1_300
