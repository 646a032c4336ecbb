"""GitHub's refusals in our words: what it does not allow, and which permission is missing."""

from pipeline.adapters.github.transport import Answer
from pipeline.errors import FreqtrainError, Refused, ToolFailed
from pipeline.render.plain import no_commands, plain_text


class NotFound(Refused):
    """There is no such thing, or the token may not know of it: GitHub answers both alike."""


class Forbidden(Refused):
    """The token is good, and may not do this (403)."""


class Invalid(Refused):
    """GitHub understood the request and does not do it (409, 422): it is there already, or a rule forbids it."""


def refusal(answer: Answer, what: str, repository: str, token: str) -> FreqtrainError:
    """The error for an answer that is none of 2xx; `what` names the request. The token is not in it, even where the answer says it."""
    error = _refusal(answer, what, repository, bool(token))
    if token:
        error = type(error)(error.message.replace(token, "***"), hint=error.hint.replace(token, "***"))
    return error


def _refusal(answer: Answer, what: str, repository: str, with_token: bool) -> FreqtrainError:
    said = _said(answer)
    if answer.status == 401:
        return Refused(f"GitHub does not accept the token ({what})", hint=_hint_of_401(with_token))
    if answer.status == 403:
        return Forbidden(f"GitHub refuses {what} (403): {said}", hint=_missing_permission(answer, with_token))
    if answer.status in (404, 410):
        return NotFound(
            f"GitHub has nothing at {what}, or does not show it to us",
            hint=f"is the repository called {repository}? {_missing_permission(answer, with_token)}",
        )
    if answer.status in (409, 422):
        return Invalid(
            f"GitHub does not do {what} ({answer.status}): {said}", hint="the message says what is in the way"
        )
    return ToolFailed(f"GitHub answered {what} with {answer.status}: {said}", hint="try again later")


def _hint_of_401(with_token: bool) -> str:
    if not with_token:
        return "set GITHUB_TOKEN to a token that may"
    return "it may have expired or been revoked: make a new one and set GITHUB_TOKEN"


def _missing_permission(answer: Answer, with_token: bool) -> str:
    """What the token lacks, as far as the answer's headers tell it."""
    if not with_token:
        return "set GITHUB_TOKEN to a token that may"
    headers = {name: plain_text(value, 200) for name, value in answer.headers.items() if name.startswith("x-")}
    if headers.get("x-github-sso", "").startswith("required"):
        return "authorize the token for the organization's single sign-on (on GitHub: Settings > Developer settings)"
    if accepted := headers.get("x-accepted-github-permissions"):
        return f"the token needs the permission {' or '.join(part.strip() for part in accepted.split(';'))}"
    scopes, wanted = headers.get("x-oauth-scopes"), headers.get("x-accepted-oauth-scopes")
    if scopes is not None and wanted:
        return f"the token needs one of the scopes {wanted}, and has {scopes or 'none'}"
    return "the token may lack a permission for it"


def _said(answer: Answer) -> str:
    """GitHub's own words on one line, with nothing that a terminal or a runner would obey."""
    try:
        told = answer.json()
    except ValueError:
        return "(no readable reason)"
    if not isinstance(told, dict):
        return "(no readable reason)"
    errors = told.get("errors")
    more = [_reason(one) for one in errors[:10]] if isinstance(errors, list) else []
    return (
        no_commands(plain_text("; ".join(filter(None, [str(told.get("message") or ""), *more])), 500)) or "(no reason)"
    )


def _reason(error: object) -> str:
    if not isinstance(error, dict):
        return str(error)
    return str(
        error.get("message") or " ".join(str(error[key]) for key in ("resource", "field", "code") if error.get(key))
    )
