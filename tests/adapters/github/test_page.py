"""docs/github-api.md names every request, and the permission that it takes."""

import re

from tests.github_double import (
    routes_deployments,
    routes_issues,
    routes_pulls,
    routes_releases,
    routes_repository,
    routes_runners,
    routes_runs,
    routes_statuses,
    routes_tags,
)
from tests.needs import ROOT

OURS = (
    routes_deployments,
    routes_issues,
    routes_pulls,
    routes_releases,
    routes_repository,
    routes_runners,
    routes_runs,
    routes_statuses,
    routes_tags,
)


def test_the_page_and_the_double_say_the_same() -> None:
    page = (ROOT / "docs" / "github-api.md").read_text(encoding="utf-8")
    said = re.findall(r"^\|[^|]*\| `([A-Z]+) (/\S+)` \| ?([^|]*?) ?\|$", page, re.MULTILINE)
    known = [(route.method, route.path, route.needs) for routes in OURS for route in routes.ROUTES.table]
    assert sorted(said) == sorted(known)
