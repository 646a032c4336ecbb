"""The double for the adapter's tests."""

from tests.github_double.fixtures import github_description, hub

__all__ = ["github_description", "hub"]
