"""Fixtures over the double: import them into the conftest.py of the tests that use it."""

from collections.abc import Iterator

import pytest

from tests.github_double.double import GitHubDouble, github_double, validator


@pytest.fixture(scope="session")
def github_description() -> bool:
    """Whether GitHub's description could be had; asked for before any test forbids to start npm."""
    return validator() is not None


@pytest.fixture
def hub(github_description: bool) -> Iterator[GitHubDouble]:
    """A running double, held to GitHub's description."""
    with github_double() as running:
        yield running
