"""The GitHub double for flows that talk to one."""

from tests.github_double.fixtures import github_description, hub

__all__ = ["github_description", "hub"]
