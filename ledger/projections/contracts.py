"""Contracts: one row a contract with what was paid, drawn and refunded of each package."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

import msgspec
from psycopg import AsyncConnection, sql

from ledger.domain.events import (
    Billing,
    Category,
    ContinuityReceived,
    ContinuityTransferred,
    ContractAmended,
    ContractAmendmentDeclined,
    ContractAmendmentProposed,
    ContractAmendmentWithdrawn,
    ContractEnded,
    ContractSigned,
    DrawLine,
    DrawReversed,
    Event,
    FeeKeptByInstitution,
    FeePaid,
    GiftValuation,
    LeaveRecorded,
    LessonDrawn,
    RefundAgreed,
    SuspenseMatched,
)
from ledger.projections.contract_parts import FIXED, EndedProposal, PackageBalance, ProposedContract, package_of
from ledger.projections.logged_event import LoggedEvent
from ledger.projections.paging import EVERYTHING, Cursor, Filter, Scope, select
from ledger.projections.rows import Rows
from ledger.projections.table import Table
from ledger.projections.view import Handler, View

ContractStatus = Literal["open", "refund_open", "amended", "ended"]


class ContractBalance(msgspec.Struct, gc=False):
    """A contract at `updated_position` of its partition. `position` is where it was signed (its place in lists).

    `prepaid_fen = paid_fen - drawn_fen - refunded_fen - charged_fen - moved_fen` is what the family has not consumed.
    Where it pays after each lesson (`billing`), `billed_fen` is what it owes for lessons taught. `amended_to` and
    `amended_from` are the contracts after and before it in its place, `amendment` what is proposed now, `last_proposal`
    what came to nothing and had no other after it.
    """

    account_id: str
    contract_id: str
    partition: int
    position: int
    contract_no: str
    family_id: str
    student_id: str
    course_id: str
    subject: str
    category: Category
    signed_on: date
    starts_on: date
    ends_on: date
    lesson_minutes: int
    gift_valuation: GiftValuation
    packages: list[PackageBalance]
    price_fen: int
    updated_position: int
    updated_at: datetime
    ended_on: date | None = None
    paid_fen: int = 0
    drawn_fen: int = 0
    refunded_fen: int = 0
    charged_fen: int = 0
    moved_fen: int = 0
    billed_fen: int = 0
    prepaid_fen: int = 0
    status: ContractStatus = "open"
    billing: Billing = "prepaid"
    amended_to: str | None = None
    amended_from: str | None = None
    amendment: ProposedContract | None = None
    last_proposal: EndedProposal | None = None


TABLE = Table(
    "contracts",
    ContractBalance,
    key=("account_id", "contract_id"),
    json=("packages", "amendment", "last_proposal"),
    fixed=FIXED,
)
_Key = tuple[str, str]
_Fee = FeePaid | FeeKeptByInstitution | SuspenseMatched
_Moved = ContinuityTransferred | ContinuityReceived
_Ended = ContractAmendmentDeclined | ContractAmendmentWithdrawn
_Proposal = ContractAmendmentProposed | ContractAmended | _Ended
_Named = ContractEnded | _Proposal | _Fee | RefundAgreed | LeaveRecorded | _Moved

# A contract has an open refund while one of its refunds is undecided or unpaid: that is the refunds' to say.
STATUS = sql.SQL(
    "CASE WHEN t.status = 'open' AND EXISTS (SELECT FROM escrow_views.refunds r WHERE r.account_id = t.account_id"
    " AND r.contract_id = t.contract_id AND (r.state NOT IN ('paid', 'withdrawn') OR r.paid_fen < r.agreed_fen))"
    " THEN 'refund_open' ELSE t.status END"
)


class Contracts(View):
    """Follows what changes a contract's terms or money. A refund counts from the moment it is agreed."""

    name = "contracts"
    number = 5
    tables: ClassVar[tuple[Table[Any], ...]] = (TABLE,)

    def __init__(self, *, complete: bool) -> None:
        super().__init__(complete=complete)
        self._contracts: Rows[_Key, ContractBalance] = self.rows[0]

    def folds(self) -> dict[type[Event], Handler]:
        return {
            ContractSigned: self._signed,
            ContractEnded: self._ended,
            ContractAmendmentProposed: self._proposed,
            ContractAmendmentDeclined: self._proposal_ended,
            ContractAmendmentWithdrawn: self._proposal_ended,
            ContractAmended: self._amended,
            FeePaid: self._paid,
            FeeKeptByInstitution: self._paid,
            SuspenseMatched: self._paid,
            LessonDrawn: self._drawn,
            DrawReversed: self._reversed,
            RefundAgreed: self._refunded,
            LeaveRecorded: self._leave,
            ContinuityTransferred: self._transferred,
            ContinuityReceived: self._received,
        }

    def looks(self) -> dict[type[Event], Handler]:
        return {
            ContractEnded: self._look,
            ContractAmendmentProposed: self._look,
            ContractAmendmentDeclined: self._look,
            ContractAmendmentWithdrawn: self._look,
            ContractAmended: self._look,
            FeePaid: self._look,
            FeeKeptByInstitution: self._look,
            SuspenseMatched: self._look,
            RefundAgreed: self._look,
            LeaveRecorded: self._look,
            ContinuityTransferred: self._look,
            ContinuityReceived: self._look,
            LessonDrawn: self._look_at_lines,
            DrawReversed: self._look_at_lines,
        }

    def _look(self, at: LoggedEvent, e: _Named) -> None:
        self._contracts.want((at.account_id, e.contract_id))

    def _look_at_lines(self, at: LoggedEvent, e: LessonDrawn | DrawReversed) -> None:
        for line in e.lines:
            self._contracts.want((at.account_id, line.contract_id))

    def _change(self, at: LoggedEvent, contract_id: str) -> ContractBalance:
        row = self._contracts.change((at.account_id, contract_id))
        row.updated_position = at.position
        row.updated_at = at.event.recorded_at
        return row

    def _signed(self, at: LoggedEvent, e: ContractSigned) -> None:
        self._contracts.put(
            (at.account_id, e.contract_id),
            ContractBalance(
                account_id=at.account_id,
                contract_id=e.contract_id,
                partition=at.partition,
                position=at.position,
                contract_no=e.contract_no,
                family_id=e.family_id,
                student_id=e.student_id,
                course_id=e.course_id,
                subject=e.subject,
                category=e.category,
                signed_on=e.effective_on,
                starts_on=e.starts_on,
                ends_on=e.ends_on,
                lesson_minutes=e.lesson_minutes,
                gift_valuation=e.gift_valuation,
                packages=[package_of(package) for package in e.packages],
                price_fen=sum(p.price_fen for p in e.packages),
                updated_position=at.position,
                updated_at=e.recorded_at,
                billing=e.billing,
            ),
        )

    def _proposed(self, at: LoggedEvent, e: ContractAmendmentProposed) -> None:
        row = self._change(at, e.contract_id)
        row.amendment, row.last_proposal = ProposedContract(e.amendment_id, e.effective_on, e.reason, e.terms), None

    def _proposal_ended(self, at: LoggedEvent, e: _Ended) -> None:
        row = self._change(at, e.contract_id)
        assert row.amendment is not None
        ended_by = "family" if isinstance(e, ContractAmendmentDeclined) else "institution"
        contract_no = row.amendment.terms.contract_no
        row.last_proposal = EndedProposal(e.amendment_id, contract_no, e.effective_on, ended_by, e.reason)
        row.amendment = None

    def _amended(self, at: LoggedEvent, e: ContractAmended) -> None:
        old = self._change(at, e.contract_id)
        old.status, old.amended_to, old.amendment = "amended", e.terms.contract_id, None
        for line in e.lines:
            old.packages[line.package - 1].moved_fen += line.amount_fen
        old.moved_fen += e.amount_fen
        old.prepaid_fen -= e.amount_fen
        packages = [package_of(package) for package in e.terms.packages]
        for terms, package in zip(e.terms.packages, packages, strict=True):
            package.paid_fen = terms.carried_fen
        self._contracts.put(
            (at.account_id, e.terms.contract_id),
            ContractBalance(
                account_id=at.account_id,
                contract_id=e.terms.contract_id,
                partition=at.partition,
                position=at.position,
                contract_no=e.terms.contract_no,
                family_id=e.family_id,
                student_id=e.student_id,
                course_id=e.terms.course_id,
                subject=e.terms.subject,
                category=e.terms.category,
                signed_on=e.effective_on,
                starts_on=e.terms.starts_on,
                ends_on=e.terms.ends_on,
                lesson_minutes=e.terms.lesson_minutes,
                gift_valuation=e.gift_valuation,
                packages=packages,
                price_fen=sum(p.price_fen for p in e.terms.packages),
                updated_position=at.position,
                updated_at=e.recorded_at,
                paid_fen=e.amount_fen,
                prepaid_fen=e.amount_fen,
                amended_from=e.contract_id,
            ),
        )

    def _ended(self, at: LoggedEvent, e: ContractEnded) -> None:
        row = self._change(at, e.contract_id)
        row.status = "ended"
        row.ended_on = e.effective_on

    def _paid(self, at: LoggedEvent, e: _Fee) -> None:
        row = self._change(at, e.contract_id)
        pays_bill = not isinstance(e, FeeKeptByInstitution) and e.pays_bill
        for line in e.lines:
            package = row.packages[line.package - 1]
            package.paid_fen += line.amount_fen
            if pays_bill:
                package.billed_fen -= line.amount_fen
                package.drawn_fen += line.amount_fen
        row.paid_fen += e.amount_fen
        if pays_bill:
            row.billed_fen -= e.amount_fen
            row.drawn_fen += e.amount_fen
        else:
            row.prepaid_fen += e.amount_fen

    def _draw(self, at: LoggedEvent, lines: Iterable[DrawLine], sign: int) -> None:
        for line in lines:
            row = self._change(at, line.contract_id)
            package = row.packages[line.package - 1]
            amount_fen = sign * line.amount_fen
            package.lessons_left -= sign
            package.billed_fen += sign * line.billed_fen
            row.billed_fen += sign * line.billed_fen
            package.drawn_fen += amount_fen
            row.drawn_fen += amount_fen
            row.prepaid_fen -= amount_fen

    def _drawn(self, at: LoggedEvent, e: LessonDrawn) -> None:
        self._draw(at, e.lines, 1)

    def _reversed(self, at: LoggedEvent, e: DrawReversed) -> None:
        self._draw(at, e.lines, -1)

    def _leave(self, at: LoggedEvent, e: LeaveRecorded) -> None:
        if e.ends_on is not None:
            self._change(at, e.contract_id).ends_on = e.ends_on

    def _transferred(self, at: LoggedEvent, e: ContinuityTransferred) -> None:
        """What a wind-down had turned into refunds left the contract with them."""
        row = self._change(at, e.contract_id)
        for line in e.lines:
            row.packages[line.package - 1].moved_fen += line.amount_fen
            row.moved_fen += line.amount_fen
            row.prepaid_fen -= line.amount_fen

    def _received(self, at: LoggedEvent, e: ContinuityReceived) -> None:
        row = self._change(at, e.contract_id)
        for line in e.lines:
            row.packages[line.package - 1].paid_fen += line.amount_fen
        row.paid_fen += e.amount_fen
        row.prepaid_fen += e.amount_fen

    def _refunded(self, at: LoggedEvent, e: RefundAgreed) -> None:
        row = self._change(at, e.contract_id)
        for line in e.lines:
            row.packages[line.package - 1].refunded_fen += line.amount_fen
        row.refunded_fen += e.amount_fen
        row.prepaid_fen -= e.amount_fen
        for line in e.charged:
            row.packages[line.package - 1].charged_fen += line.amount_fen
            row.charged_fen += line.amount_fen
            row.prepaid_fen -= line.amount_fen


def visible(scope: Scope) -> Filter:
    where = Filter()
    where.accounts(scope)
    if scope.family_ids is not None:
        where.also(sql.SQL("t.family_id = ANY(%(families)s)"), families=list(scope.family_ids))
    return where


async def get(
    connection: AsyncConnection[Any], account_id: UUID | str, contract_id: str, *, scope: Scope = EVERYTHING
) -> ContractBalance | None:
    """The contract now; None when it does not exist or is outside the scope."""
    where = visible(scope)
    where.equal("account_id", account_id)
    where.equal("contract_id", contract_id)
    return next(iter(await select(connection, TABLE, where, limit=1, computed={"status": STATUS})), None)


async def had_service(connection: AsyncConnection[Any], contract: ContractBalance) -> bool:
    """Whether the student had lessons of the same course or subject on a contract of the account that ended."""
    query = (
        "SELECT EXISTS (SELECT FROM escrow_views.contracts WHERE account_id = %(account_id)s"
        " AND family_id = %(family_id)s AND student_id = %(student_id)s AND drawn_fen > 0"
        " AND (course_id = %(course_id)s OR subject = %(subject)s)"
        " AND ended_on IS NOT NULL AND contract_id <> %(contract_id)s)"
    )
    found = await (await connection.execute(query, msgspec.structs.asdict(contract))).fetchone()
    return found == (True,)


async def list_page(
    connection: AsyncConnection[Any],
    *,
    scope: Scope = EVERYTHING,
    account_id: UUID | str | None = None,
    family_id: str | None = None,
    contract_no: str | None = None,
    contract_ids: Sequence[str] | None = None,
    course_id: str | None = None,
    status: ContractStatus | None = None,
    after: Cursor | None = None,
    limit: int = 100,
    newest_first: bool = False,
) -> list[ContractBalance]:
    """A page of contracts in the order in which they were signed; `contract_ids`: those of these alone."""
    where = visible(scope)
    if contract_ids is not None:
        where.also(sql.SQL("t.contract_id = ANY(%(ids)s)"), ids=list(contract_ids))
    where.equal("account_id", account_id)
    where.equal("family_id", family_id)
    where.equal("contract_no", contract_no)
    where.equal("course_id", course_id)
    if status is not None:
        where.also(sql.SQL("{} = %(status)s").format(STATUS), status=status)
    where.after(after, newest_first=newest_first)
    return await select(connection, TABLE, where, limit=limit, newest_first=newest_first, computed={"status": STATUS})


async def numbers_of(
    connection: AsyncConnection[Any], account_id: UUID | str, contract_ids: Iterable[str]
) -> dict[str, str]:
    """The number by which people know each of these contracts of an account."""
    wanted = sorted(set(contract_ids))
    found = await list_page(connection, account_id=account_id, contract_ids=wanted, limit=len(wanted))
    return {one.contract_id: one.contract_no for one in found}


async def locate(connection: AsyncConnection[Any], contract_id: str) -> UUID | None:
    """The account that a contract belongs to; None when there is no such contract."""
    cursor = await connection.execute(
        "SELECT account_id FROM escrow_views.contracts WHERE contract_id = %s ORDER BY partition, position LIMIT 1",
        [contract_id],
    )
    row: tuple[UUID] | None = await cursor.fetchone()
    return None if row is None else row[0]
