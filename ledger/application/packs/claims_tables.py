"""The tables of a claims pack: families, claims, the arithmetic line by line, and the routes that money goes back."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

from ledger.application.packs.claims import AccountClaims, ClaimShare
from ledger.application.packs.payees import Payees
from ledger.domain.events import QuoteLine
from ledger.packs.tables import Cell, Column, TableFile, write_table

_AMOUNTS: Final = ("claim_fen", "given_fen", "paid_fen", "share_fen", "lost_fen")
FAMILIES: Final = (
    Column("family_id"),
    Column("contracts", "integer"),
    *(Column(name, "integer") for name in _AMOUNTS),
)
CLAIMS: Final = (
    Column("family_id"),
    Column("contract_id"),
    Column("contract_no"),
    Column("refund_id"),
    Column("recorded", "boolean"),
    Column("goes_on", "boolean"),
    *(Column(name, "integer") for name in _AMOUNTS),
)
LINES: Final = (
    Column("family_id"),
    Column("contract_id"),
    Column("refund_id"),
    Column("line"),
    Column("package", "integer"),
    Column("basis"),
    Column("rules"),
    Column("price_fen", "integer"),
    Column("lessons", "integer"),
    Column("drawn_lessons", "integer"),
    Column("package_paid_fen", "integer"),
    Column("used_fen", "integer"),
    Column("pending_fen", "integer"),
    Column("refunded_fen", "integer"),
    Column("charged_fen", "integer"),
    Column("amount_fen", "integer"),
    Column("arithmetic"),
)
ROUTES: Final = (
    Column("family_id"),
    Column("contract_id"),
    Column("refund_id"),
    Column("payment_reference"),
    Column("route"),
    Column("at_bank", "boolean"),
    Column("amount_fen", "integer"),
    Column("pays_fen", "integer"),
)
PAYEES: Final = (
    Column("route"),
    Column("bank"),
    Column("account_no"),
    Column("holder_name"),
)
NAMES: Final = (Column("family_id"), Column("name"))


class FamilyTotals(NamedTuple):
    """A family's claims added up (fen)."""

    family_id: str
    contracts: int
    claim_fen: int
    given_fen: int
    paid_fen: int
    share_fen: int
    lost_fen: int


class Line(NamedTuple):
    """One line of a claim's arithmetic; the lines of a claim add up to it. `quote` is None for a correction."""

    kind: str
    quote: QuoteLine | None
    amount_fen: int


def by_family(claims: AccountClaims) -> Iterator[FamilyTotals]:
    """The families in order of their ids."""
    for family_id, group in groupby(claims.shares, key=lambda share: share.claim.family_id):
        shares = list(group)
        yield FamilyTotals(
            family_id,
            len({share.claim.contract_id for share in shares}),
            sum(share.claim.claim_fen for share in shares),
            sum(share.given_fen for share in shares),
            sum(share.paid_fen for share in shares),
            sum(share.share_fen for share in shares),
            sum(share.lost_fen for share in shares),
        )


def lines_of(share: ClaimShare) -> Iterator[Line]:
    """A claim's arithmetic: a line a package, then what was agreed otherwise, less what was paid before."""
    for quote in share.quote:
        yield Line("package", quote, quote.refund_fen)
    quoted_fen = sum(quote.refund_fen for quote in share.quote)
    otherwise_fen = share.claim.claim_fen + share.paid_before_fen - quoted_fen
    if otherwise_fen:
        yield Line("agreed_otherwise", None, otherwise_fen)
    if share.paid_before_fen:
        yield Line("paid_before", None, -share.paid_before_fen)


def charged_fen(quote: QuoteLine) -> int:
    """What an earlier refund left to the institution beyond the lessons drawn: the rest of the arithmetic."""
    used_fen = quote.drawn_fen if quote.used_fen is None else quote.used_fen
    return max(0, quote.paid_fen - used_fen - quote.pending_fen - quote.refunded_fen - quote.refund_fen)


def arithmetic(quote: QuoteLine) -> str:
    """The sum as it is written on paper, in fen: `600800 - 255340 (17/40) = 345460`."""
    used_fen = quote.drawn_fen if quote.used_fen is None else quote.used_fen
    parts = [f"{quote.paid_fen} - {used_fen} ({quote.drawn_lessons}/{quote.lessons})"]
    parts += [
        f"- {taken_fen}" for taken_fen in (quote.pending_fen, quote.refunded_fen, charged_fen(quote)) if taken_fen
    ]
    return f"{' '.join(parts)} = {quote.refund_fen}"


def write_claims_tables(claims: AccountClaims, directory: Path, payees: Payees | None) -> list[TableFile]:
    """The CSV files of the pack; `payees` adds names and accounts."""
    tables = [
        write_table(directory, "families", FAMILIES, by_family(claims)),
        write_table(directory, "claims", CLAIMS, map(_claim_row, claims.shares)),
        write_table(directory, "lines", LINES, _line_rows(claims)),
        write_table(directory, "routes", ROUTES, _route_rows(claims)),
    ]
    if payees is not None:
        named = ((family_id, name) for family_id in sorted(payees.names) for name in payees.names[family_id])
        tables.append(write_table(directory, "names", NAMES, named))
        accounts = (payees.routes[token] for token in sorted(payees.routes))
        rows = ((one.route, one.bank, one.account_no, one.holder_name) for one in accounts)
        tables.append(write_table(directory, "payees", PAYEES, rows))
    return tables


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _claim_row(share: ClaimShare) -> tuple[Cell, ...]:
    claim = share.claim
    return (
        claim.family_id,
        claim.contract_id,
        share.contract_no,
        claim.refund_id,
        _truth(share.recorded),
        _truth(share.goes_on),
        claim.claim_fen,
        share.given_fen,
        share.paid_fen,
        share.share_fen,
        share.lost_fen,
    )


def _line_rows(claims: AccountClaims) -> Iterator[tuple[Cell, ...]]:
    for share in claims.shares:
        claim = share.claim
        for line in lines_of(share):
            place = (claim.family_id, claim.contract_id, claim.refund_id, line.kind)
            quote = line.quote
            if quote is None:
                yield (*place, *[None] * 3, *[None] * 8, line.amount_fen, "")
                continue
            yield (
                *place,
                quote.package,
                quote.basis or "",
                " ".join(quote.rules),
                quote.price_fen,
                quote.lessons,
                quote.drawn_lessons,
                quote.paid_fen,
                quote.drawn_fen if quote.used_fen is None else quote.used_fen,
                quote.pending_fen,
                quote.refunded_fen,
                charged_fen(quote),
                line.amount_fen,
                arithmetic(quote),
            )


def _route_rows(claims: AccountClaims) -> Iterator[tuple[Cell, ...]]:
    for share in claims.shares:
        place = (share.claim.family_id, share.claim.contract_id, share.claim.refund_id)
        for route in share.at_bank:
            yield (*place, route.payment_reference, route.route, "true", route.amount_fen, route.amount_fen)
        for route, pays_fen in share.routes():
            yield (*place, route.payment_reference, route.route, "false", route.amount_fen, pays_fen)
