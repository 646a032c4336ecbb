"""Who may sign approvals: whether the repository's file of allowed signers names anybody, where nobody can approve on GitHub."""

from collections.abc import Callable, Iterator

from pipeline.domain.repository.by_hand import ByHand
from pipeline.domain.repository.offers import Offers
from pipeline.domain.repository.wishes import Wishes


def signers_by_hand(wishes: Wishes, offers: Offers, read: Callable[[str], str | None]) -> Iterator[ByHand]:
    """What a person has to add, so that environments which ask for approval can ever be deployed to.

    Args:
        read: the text of a file of the checkout, None where there is none. A file elsewhere belongs to a device, and is not looked at.
    """
    if offers.reviewers:
        return
    files: dict[str, list[str]] = {}
    for one in wishes.environments:
        if one.approval and one.signers and not one.signers.startswith("/"):
            files.setdefault(one.signers, []).append(one.name)
    for file, environments in files.items():
        text = read(file)
        if text is None or not any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines()):
            what = "is not there" if text is None else "names nobody"
            yield ByHand(
                f"{file} {what}: GitHub offers no reviewers here, so that nobody can approve for {' and '.join(environments)}",
                "add a line with a name and its public key (NAME ssh-ed25519 AAAA…), and merge it into main",
            )
