"""What each family of an account claims and gets: as recorded by its wind-down, or as if it were wound up now.

The answer to "if it closed now" is not worked out a second time: the very decisions of a wind-down are asked, on a copy
of the account, and nothing of it is recorded.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

from ledger.application.law import Law
from ledger.application.ledger import CHINA
from ledger.application.packs.place import Connection, Place, find_place, stored_events
from ledger.domain.account import EscrowAccount
from ledger.domain.commands import Command, ContinueWindDown, DistributeClaims, StartWindDown
from ledger.domain.decisions import DECISIONS, Context
from ledger.domain.errors import LedgerError
from ledger.domain.events import (
    Claim,
    ClaimRecorded,
    ClaimRoute,
    ContractAmended,
    ContractSigned,
    Event,
    QuoteLine,
    RefundQuoted,
)
from ledger.domain.evolution import evolve
from ledger.domain.wind_down import distributable

HYPOTHETICAL = "clock:pack"
REASON = "claims pack"


class ClaimShare(NamedTuple):
    """One claim (fen): what is owed, what of it the log says was given and paid, and what it has in all if the cash
    that is there were shared now. `recorded` tells a claim of the log from one of an imagined wind-down.

    `quote` are the lines of its arithmetic, those of its own quote for a refund that was asked for before.
    """

    claim: Claim
    contract_no: str
    recorded: bool
    quote: tuple[QuoteLine, ...]
    paid_before_fen: int
    given_fen: int
    paid_fen: int
    share_fen: int
    goes_on: bool
    at_bank: tuple[ClaimRoute, ...] = ()
    """What of a claim that is not recorded the bank has already been told to pay: its routes do not name it."""

    @property
    def lost_fen(self) -> int:
        """What is owed and not there."""
        return self.claim.claim_fen - self.share_fen

    def routes(self) -> Iterator[tuple[ClaimRoute, int]]:
        """The routes of the claim, newest payment first, each with what of its part the share pays.

        What was at the bank already when the claim was recorded is in no route.
        """
        left_fen = self.share_fen - (self.claim.claim_fen - sum(route.amount_fen for route in self.claim.routes))
        for route in self.claim.routes:
            part_fen = max(0, min(left_fen, route.amount_fen))
            left_fen -= part_fen
            yield route, part_fen


class AccountClaims(NamedTuple):
    """All claims of an account as of a place, in order of families, and the account before anything was imagined.

    `available_fen` is the cash that could be shared now, beyond what was given before; `policy` decided.
    """

    place: Place
    account: EscrowAccount
    policy: str
    shares: list[ClaimShare]
    available_fen: int

    @property
    def winding_down(self) -> bool:
        """Whether the account is really wound up."""
        return self.account.wind_down is not None


def account_claims(
    url: str, law: Law, account_id: UUID, *, as_of: datetime | None = None, version: int | None = None
) -> AccountClaims:
    """What families claim and get. Blocks: it reads the account's history. Raises LedgerError `account_not_found`."""
    with psycopg.connect(url, autocommit=True) as connection:
        place = find_place(connection, account_id, as_of=as_of, version=version)
        told = _Replay(connection, place)
    account = told.account
    if not account.institution_id:
        raise LedgerError("account_not_found")
    imagined = _Imagined(account, law, place)
    available_fen = imagined.finish()
    claims = [(claim, True) for claim in told.claims] + [(claim, False) for claim in imagined.claims]
    shares = [_share(claim, recorded, account, imagined.account, told) for claim, recorded in claims]
    shares.sort(key=lambda share: (share.claim.family_id, share.claim.contract_id, share.claim.refund_id))
    policy = law.rulebook.of(account.pack, imagined.today)
    return AccountClaims(place, account, policy.name, shares, available_fen)


class _Replay:
    """The account replayed event by event from the log itself, not from a snapshot; and what the log says of claims:
    those recorded, the quotes of refunds, and the numbers of contracts."""

    def __init__(self, connection: Connection, place: Place) -> None:
        self.account = EscrowAccount(id=place.account_id)
        self.claims: list[Claim] = []
        self.quotes: dict[str, tuple[QuoteLine, ...]] = {}
        self.contract_nos: dict[str, str] = {}
        for row in stored_events(connection, place):
            event = row.event()
            evolve(self.account, event)
            match event:
                case ClaimRecorded():
                    self.claims += event.claims
                case RefundQuoted():
                    self.quotes[event.refund_id] = event.lines
                case ContractSigned():
                    self.contract_nos[event.contract_id] = event.contract_no
                case ContractAmended():
                    self.contract_nos[event.terms.contract_id] = event.terms.contract_no
                case _:  # nothing that a claim is explained by
                    pass


class _Imagined:
    """A copy of the account on which the steps of a wind-down are taken that were not taken yet."""

    def __init__(self, account: EscrowAccount, law: Law, place: Place) -> None:
        self.account = account.copy()
        self.claims: list[Claim] = []
        self.today = place.as_of.astimezone(CHINA).date()
        self._context = Context(
            recorded_at=place.as_of,
            today=self.today,
            actor=HYPOTHETICAL,
            policies=law.rulebook,
            calendar=law.calendar,
        )

    def finish(self) -> int:
        """Start it if need be, record what is no claim yet, and share the cash; what could be shared (fen)."""
        named: dict[str, Any] = {"account_id": self.account.id, "effective_on": self.today}
        if self.account.wind_down is None:
            self._take(StartWindDown(**named, reason=REASON))
        self._go_on(ContinueWindDown(**named))
        available_fen = max(0, distributable(self.account).available_fen)
        if distributable(self.account).amount_fen:
            self._take(DistributeClaims(**named))
            self._go_on(ContinueWindDown(**named))
        return available_fen

    def _go_on(self, command: ContinueWindDown) -> None:
        while self._take(command):
            pass

    def _take(self, command: Command) -> list[Event]:
        events = DECISIONS[type(command)](self.account, command, self._context)
        for event in events:
            evolve(self.account, event)
            if isinstance(event, ClaimRecorded):
                self.claims += event.claims
        return events


def _share(claim: Claim, recorded: bool, before: EscrowAccount, after: EscrowAccount, told: _Replay) -> ClaimShare:
    refund = after.refunds[claim.refund_id]
    assert after.wind_down is not None
    paid_before_fen = after.wind_down.claimed[claim.refund_id]
    known = before.refunds.get(claim.refund_id) if recorded else None
    contract = after.contracts.get(claim.contract_id)
    return ClaimShare(
        claim=claim,
        contract_no=told.contract_nos.get(claim.contract_id, contract.contract_no if contract else ""),
        recorded=recorded,
        quote=claim.lines or told.quotes.get(claim.refund_id, ()),
        paid_before_fen=paid_before_fen,
        given_fen=known.given_fen - paid_before_fen if known else claim.under_way_fen,
        paid_fen=known.paid_fen - paid_before_fen if known else 0,
        share_fen=refund.given_fen - paid_before_fen,
        goes_on=refund.goes_on,
        at_bank=() if recorded else tuple(_at_bank(claim, before)),
    )


def _at_bank(claim: Claim, account: EscrowAccount) -> Iterator[ClaimRoute]:
    for instruction in account.instructions.values():
        if instruction.kind == "refund" and instruction.subject_id == claim.refund_id and instruction.state != "paid":
            payment = account.contracts[claim.contract_id].payments[instruction.payment_reference]
            yield ClaimRoute(
                payment_reference=instruction.payment_reference,
                route=payment.route,
                amount_fen=instruction.amount_fen,
            )
