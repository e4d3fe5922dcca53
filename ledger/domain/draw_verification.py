"""A published draw done again: whether everything in it follows from its list and its seed."""

from typing import Literal

import msgspec

from ledger.domain.errors import LedgerError
from ledger.domain.events import DrawInput, DrawnSite
from ledger.domain.inspection_draw import check_input, commitment_of, digest_of, draw, seed_of

DrawFault = Literal["input", "digest", "commitment", "public_value", "seed", "sites"]


class PublishedDraw(msgspec.Struct, frozen=True, kw_only=True):
    """What is published of a draw; other fields of a record are left aside. Announced only: without seed and sites."""

    input: DrawInput
    digest: str
    commitment: str = ""
    public_source: str = ""
    secret: str = ""
    public_value: str = ""
    seed: str = ""
    sites: tuple[DrawnSite, ...] = ()


def faults_of(published: PublishedDraw) -> list[DrawFault]:
    """What does not follow, in the order of the draw; empty for a draw that is right as far as it went."""
    faults: list[DrawFault] = []
    try:
        check_input(published.input)
    except LedgerError:
        faults.append("input")
    digest = digest_of(published.input)
    if digest != published.digest:
        faults.append("digest")
    if not published.seed and not published.sites:
        return faults
    if not _opens(published.secret, published.commitment):
        faults.append("commitment")
    if bool(published.public_source) is not bool(published.public_value):
        faults.append("public_value")
    seed = seed_of(digest, secret=published.secret, public_value=published.public_value)
    if seed != published.seed:
        faults.append("seed")
    if "input" in faults or draw(published.input, seed) != published.sites:
        faults.append("sites")
    return faults


def _opens(secret: str, commitment: str) -> bool:
    try:
        return commitment_of(secret) == commitment if commitment else not secret
    except ValueError:
        return False


def drawn_with(given: PublishedDraw, *, secret: str, public_value: str) -> PublishedDraw:
    """The list drawn with this seed. Raises the refusals of `check_input`, and ValueError for a secret not in hex."""
    check_input(given.input)
    digest = digest_of(given.input)
    seed = seed_of(digest, secret=secret, public_value=public_value)
    return msgspec.structs.replace(
        given,
        digest=digest,
        commitment=commitment_of(secret) if secret else "",
        secret=secret,
        public_value=public_value,
        seed=seed,
        sites=draw(given.input, seed),
    )
