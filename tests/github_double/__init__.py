"""A GitHub in memory on the loopback: it remembers, misbehaves on demand, and is held to GitHub's own description.

`github_double()` runs one. A file `routes_*.py` with a table `ROUTES` is found by itself: its functions answer the paths of the description
(`Call` in, `Reply` out), and what they are asked and answer is validated without their doing anything.
"""

from tests.github_double.double import GitHubDouble, github_double
from tests.github_double.routing import Call, Reply, Routes, paged
from tests.github_double.world import Repository, Token, World

__all__ = ["Call", "GitHubDouble", "Reply", "Repository", "Routes", "Token", "World", "github_double", "paged"]
