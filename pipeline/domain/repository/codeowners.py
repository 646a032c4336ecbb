"""CODEOWNERS: who reviews what is not a strategy."""

from collections.abc import Sequence

CODEOWNERS = ".github/CODEOWNERS"
HEAD = "# Made by `freqtrain github apply` from `owners` in .github/freqtrain.yml; change it there.\n"


def codeowners_text(owners: Sequence[str]) -> str:
    """The file, empty where nobody owns anything.

    Later lines win, and a path without an owner is nobody's: a change to strategies alone takes a review by anybody who may write.
    https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
    """
    if not owners:
        return ""
    return f"{HEAD}* {' '.join(owners)}\n/strategies/\n"
