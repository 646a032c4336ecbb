"""Who may approve, as .github/freqtrain.yml of the protected main says it; GitHub's own list of reviewers may be anybody's work."""

from pipeline.config.repository import FILE, RepositoryFile
from pipeline.config.source import check, decode, parse
from pipeline.domain.train.approval_github import Approvers
from pipeline.errors import ConfigError


def approvers_in(content: bytes) -> Approvers:
    """The people and teams in the file's `approvers`, people by their logins.

    Raises:
        ConfigError: the file has problems, all at once; nobody is taken from a file that is understood in part.
    """
    model, problems = check(RepositoryFile, parse(decode(content, FILE), FILE))
    if model is None or problems:
        raise ConfigError(tuple(problems), hint="correct it on main, and fetch")
    teams = tuple(name for name in model.approvers if "/" in name)
    people = frozenset(name.removeprefix("@") for name in model.approvers if name not in teams)
    return Approvers(people, teams, solo=model.team == "solo")
