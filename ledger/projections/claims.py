"""Claims: of each institution's end one row, and one for everything that a family claims in it."""

from typing import Any, ClassVar
from uuid import UUID

from psycopg import AsyncConnection, sql

from ledger.domain.events import (
    ClaimAllocated,
    ClaimRecorded,
    ClosureNotified,
    ContinuityOffered,
    ContinuityTransferred,
    DistributionOpened,
    Event,
    RefundPaid,
    RefundPaidByInstitution,
    RefundRejected,
    RefundReturned,
    WindDownClosed,
    WindDownStarted,
)
from ledger.projections.claim_rows import ClaimRow, Distribution, OfferRow, WindDownRow, WindDownState
from ledger.projections.logged_event import LoggedEvent
from ledger.projections.paging import EVERYTHING, Cursor, Filter, Scope, select
from ledger.projections.rows import Rows
from ledger.projections.table import Table
from ledger.projections.view import Handler, View

TABLE = Table("claims", ClaimRow, key=("account_id", "refund_id"), json=("lines", "routes"), derived=("uncovered_fen",))
WIND_DOWNS = Table("wind_downs", WindDownRow, key=("account_id",), json=("distributions",))
OFFERS = Table("continuity_offers", OfferRow, key=("account_id", "offer_id"))
_OfRefund = RefundPaid | RefundPaidByInstitution | RefundRejected | RefundReturned

# What is at the bank now is the refunds' to say.
_IN_FLIGHT = sql.SQL(
    "coalesce((SELECT r.in_flight_fen FROM escrow_views.refunds r WHERE r.account_id = t.account_id"
    " AND r.refund_id = t.refund_id), 0)"
)


class Claims(View):
    """Follows closures, wind-downs, and what becomes of the refunds that are claims."""

    name = "claims"
    tables: ClassVar[tuple[Table[Any], ...]] = (TABLE, WIND_DOWNS, OFFERS)

    def __init__(self, *, complete: bool) -> None:
        super().__init__(complete=complete)
        self._claims: Rows[tuple[str, str], ClaimRow] = self.rows[0]
        self._wind_downs: Rows[str, WindDownRow] = self.rows[1]
        self._offers: Rows[tuple[str, str], OfferRow] = self.rows[2]

    def folds(self) -> dict[type[Event], Handler]:
        return {
            ClosureNotified: self._notified,
            WindDownStarted: self._started,
            ClaimRecorded: self._recorded,
            DistributionOpened: self._opened,
            ClaimAllocated: self._allocated,
            WindDownClosed: self._closed,
            ContinuityOffered: self._offered,
            ContinuityTransferred: self._transferred,
            RefundPaid: self._paid,
            RefundPaidByInstitution: self._paid,
            RefundRejected: self._bounced,
            RefundReturned: self._bounced,
        }

    def looks(self) -> dict[type[Event], Handler]:
        of_account: tuple[type[Event], ...] = (ClosureNotified, WindDownStarted, DistributionOpened, WindDownClosed)
        of_refund: tuple[type[Event], ...] = (RefundPaid, RefundPaidByInstitution, RefundRejected, RefundReturned)
        return {
            **dict.fromkeys(of_account, self._look_at_account),
            **dict.fromkeys(of_refund, self._look_at_refund),
            ClaimRecorded: self._look_at_claims,
            ClaimAllocated: self._look_at_lines,
            ContinuityOffered: self._look_at_offer,
            ContinuityTransferred: self._look_at_parts,
        }

    def _look_at_account(self, at: LoggedEvent, _: Event) -> None:
        self._wind_downs.want(at.account_id)

    def _look_at_refund(self, at: LoggedEvent, e: _OfRefund) -> None:
        self._wind_downs.want(at.account_id)
        self._claims.want((at.account_id, e.refund_id))

    def _look_at_claims(self, at: LoggedEvent, e: ClaimRecorded) -> None:
        self._wind_downs.want(at.account_id)
        for claim in e.claims:
            self._claims.want((at.account_id, claim.refund_id))

    def _look_at_lines(self, at: LoggedEvent, e: ClaimAllocated) -> None:
        self._wind_downs.want(at.account_id)
        for line in e.lines:
            self._claims.want((at.account_id, line.refund_id))

    def _look_at_offer(self, at: LoggedEvent, e: ContinuityOffered) -> None:
        self._offers.want((at.account_id, e.offer_id))

    def _look_at_parts(self, at: LoggedEvent, e: ContinuityTransferred) -> None:
        self._wind_downs.want(at.account_id)
        for part in e.refunds:
            self._claims.want((at.account_id, part.refund_id))

    def _wind_down(self, at: LoggedEvent) -> WindDownRow:
        row = self._wind_downs.change_found(at.account_id)
        if row is None:
            row = WindDownRow(
                account_id=at.account_id,
                partition=at.partition,
                position=at.position,
                state="notified",
                updated_position=at.position,
                updated_at=at.event.recorded_at,
            )
            self._wind_downs.put(at.account_id, row)
        row.updated_position, row.updated_at = at.position, at.event.recorded_at
        return row

    def _notified(self, at: LoggedEvent, e: ClosureNotified) -> None:
        row = self._wind_down(at)
        row.closes_on, row.earliest_on = e.closes_on, e.earliest_on
        row.notified_on, row.notice_reason = e.effective_on, e.reason

    def _started(self, at: LoggedEvent, e: WindDownStarted) -> None:
        row = self._wind_down(at)
        row.state, row.by, row.reason = "winding_down", e.by, e.reason
        row.started_on, row.started_at, row.started_version = e.effective_on, e.recorded_at, at.version
        row.contracts, row.pending_lessons = e.contracts, e.pending_lessons
        row.cash_fen, row.obligation_fen, row.suspense_fen = e.cash_fen, e.obligation_fen, e.suspense_fen
        row.payout_in_flight_fen, row.exposure_fen = e.payout_in_flight_fen, e.exposure_fen
        row.earned_fen, row.reserve_fen = e.earned_fen, e.reserve_fen

    def _recorded(self, at: LoggedEvent, e: ClaimRecorded) -> None:
        wind_down = self._wind_down(at)
        for ordinal, claim in enumerate(e.claims):
            self._claims.put(
                (at.account_id, claim.refund_id),
                ClaimRow(
                    account_id=at.account_id,
                    refund_id=claim.refund_id,
                    partition=at.partition,
                    position=at.position,
                    ordinal=ordinal,
                    contract_id=claim.contract_id,
                    family_id=claim.family_id,
                    claim_fen=claim.claim_fen,
                    given_before_fen=claim.under_way_fen,
                    allocated_fen=claim.under_way_fen,
                    lines=list(claim.lines),
                    routes=list(claim.routes),
                    recorded_on=e.effective_on,
                    updated_position=at.position,
                    updated_at=e.recorded_at,
                ),
            )
            wind_down.claims += 1
            wind_down.claims_fen += claim.claim_fen
            wind_down.allocated_fen += claim.under_way_fen

    def _opened(self, at: LoggedEvent, e: DistributionOpened) -> None:
        row = self._wind_down(at)
        row.state, row.closed_on = "winding_down", None
        row.held_fen = row.lost_fen = row.institution_fen = 0
        row.closing_reason = ""
        opened = Distribution(e.number, e.effective_on, e.available_fen, e.amount_fen, e.claims_fen, e.claims)
        row.distributions = [*row.distributions, opened]

    def _allocated(self, at: LoggedEvent, e: ClaimAllocated) -> None:
        wind_down = self._wind_down(at)
        wind_down.from_reserve_fen += e.from_reserve_fen
        distribution = wind_down.distributions[-1]
        for line in e.lines:
            row = self._change(at, line.refund_id)
            assert row is not None, "only claims are given anything"
            row.allocated_fen += line.allocated_fen
            wind_down.allocated_fen += line.allocated_fen
            distribution.allocated_fen += line.allocated_fen
            distribution.handed_out += 1

    def _change(self, at: LoggedEvent, refund_id: str) -> ClaimRow | None:
        row = self._claims.change_found((at.account_id, refund_id))
        if row is not None:
            row.updated_position, row.updated_at = at.position, at.event.recorded_at
        return row

    def _paid(self, at: LoggedEvent, e: RefundPaid | RefundPaidByInstitution) -> None:
        row = self._change(at, e.refund_id)
        if row is None:
            return
        wind_down = self._wind_down(at)
        row.paid_fen += e.amount_fen
        wind_down.paid_fen += e.amount_fen
        if isinstance(e, RefundPaidByInstitution):  # beyond what was given, if need be
            more_fen = max(0, row.paid_fen + row.transferred_fen - row.allocated_fen)
            row.allocated_fen += more_fen
            wind_down.allocated_fen += more_fen

    def _bounced(self, at: LoggedEvent, e: RefundRejected | RefundReturned) -> None:
        row = self._change(at, e.refund_id)
        if row is None:
            return
        row.bounces += 1
        row.bounced_fen += e.amount_fen
        if isinstance(e, RefundRejected):
            return
        wind_down = self._wind_down(at)
        # What had been paid before the claim was recorded is claimed, and given, with it now.
        before_fen = max(0, e.amount_fen - row.paid_fen)
        row.paid_fen -= e.amount_fen - before_fen
        wind_down.paid_fen -= e.amount_fen - before_fen
        row.claim_fen += before_fen
        row.allocated_fen += before_fen
        wind_down.claims_fen += before_fen
        wind_down.allocated_fen += before_fen

    def _transferred(self, at: LoggedEvent, e: ContinuityTransferred) -> None:
        for part in e.refunds:
            row = self._change(at, part.refund_id)
            assert row is not None, "in a wind-down only claims go on"
            row.transferred_fen += part.amount_fen
            row.to_account_id, row.to_contract_id = e.to_account_id, e.to_contract_id
            self._wind_down(at).transferred_fen += part.amount_fen

    def _offered(self, at: LoggedEvent, e: ContinuityOffered) -> None:
        self._offers.put(
            (at.account_id, e.offer_id),
            OfferRow(
                account_id=at.account_id,
                offer_id=e.offer_id,
                partition=at.partition,
                position=at.position,
                from_account_id=e.from_account_id,
                course_id=e.course_id,
                lesson_minutes=e.lesson_minutes,
                ends_on=e.ends_on,
                until_on=e.until_on,
                offered_on=e.effective_on,
            ),
        )

    def _closed(self, at: LoggedEvent, e: WindDownClosed) -> None:
        row = self._wind_down(at)
        row.state, row.closed_on, row.closing_reason = "closed", e.effective_on, e.reason
        row.held_fen, row.lost_fen, row.institution_fen = e.held_fen, e.lost_fen, e.institution_fen


async def get_wind_down(
    connection: AsyncConnection[Any], account_id: UUID | str, *, scope: Scope = EVERYTHING
) -> WindDownRow | None:
    """The account's end as it stands; None when none was notified or begun, or outside the scope."""
    where = Filter()
    where.accounts(scope)
    where.equal("account_id", account_id)
    return next(iter(await select(connection, WIND_DOWNS, where, limit=1)), None)


async def list_wind_downs(
    connection: AsyncConnection[Any],
    *,
    scope: Scope = EVERYTHING,
    state: WindDownState | None = None,
    after: Cursor | None = None,
    limit: int = 100,
) -> list[WindDownRow]:
    """A page of closures and wind-downs, in the order in which they were first known."""
    where = Filter()
    where.accounts(scope)
    where.equal("state", state)
    where.after(after)
    return await select(connection, WIND_DOWNS, where, limit=limit)


async def list_page(
    connection: AsyncConnection[Any],
    *,
    scope: Scope = EVERYTHING,
    account_id: UUID | str | None = None,
    contract_id: str | None = None,
    family_id: str | None = None,
    after: Cursor | None = None,
    limit: int = 100,
) -> list[ClaimRow]:
    """A page of claims in the order in which they were recorded, which is by contract within a wind-down."""
    where = Filter()
    where.accounts(scope)
    if scope.family_ids is not None:
        where.also(sql.SQL("t.family_id = ANY(%(families)s)"), families=list(scope.family_ids))
    where.equal("account_id", account_id)
    where.equal("contract_id", contract_id)
    where.equal("family_id", family_id)
    where.after(after, ordinal=True)
    return await select(connection, TABLE, where, limit=limit, ordinal=True, computed={"in_flight_fen": _IN_FLIGHT})


async def list_offers(
    connection: AsyncConnection[Any],
    *,
    scope: Scope = EVERYTHING,
    from_account_id: UUID | str | None = None,
    after: Cursor | None = None,
    limit: int = 100,
) -> list[OfferRow]:
    """A page of offers to go on elsewhere, in the order in which they were made: to families with a contract in the
    account that they are for, and to who sees the account that makes them."""
    where = Filter()
    if scope.family_ids is not None:
        where.also(
            sql.SQL(
                "EXISTS (SELECT FROM escrow_views.contracts c"
                " WHERE c.account_id::text = t.from_account_id AND c.family_id = ANY(%(families)s))"
            ),
            families=list(scope.family_ids),
        )
    where.accounts(scope)
    where.equal("from_account_id", None if from_account_id is None else str(from_account_id))
    where.after(after)
    return await select(connection, OFFERS, where, limit=limit)
