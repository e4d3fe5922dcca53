"""Use cases of supervision cases: whoever may see a case may be asked about it, and what an inspection counted is told.

A case is a stream beside the accounts. Its row scope is the view's: cases whose owner or handler the caller acts for,
and cases about accounts that the caller supervises; a family's are its own.
"""

from dataclasses import replace
from hashlib import blake2b
from uuid import UUID

from ledger.application.caller import Caller
from ledger.application.ledger import Ledger
from ledger.application.reading import Reader
from ledger.application.recording import ReadPool, record
from ledger.domain.commands import RecordFinding, RecordInstitutionFact
from ledger.domain.commands.cases import CaseCommand, LinkCase, OpenCase, RecordCaseInspection
from ledger.domain.errors import LedgerError
from ledger.domain.events import CaseOpened
from ledger.domain.partition import partition_of
from ledger.projections import case_queries
from ledger.projections.balances import AccountBalance
from ledger.projections.case_rows import CaseRow
from ledger.projections.paging import Scope
from ledger.storage.requests import Outcome, Request

_PLACE = "SELECT position, topic FROM escrow.events WHERE partition = %s AND account_id = %s AND version = %s"


def deterministic_id(*parts: str) -> UUID:
    """The same id for the same parts: what is asked twice, by whomever, is recognised."""
    return UUID(bytes=blake2b("\0".join(parts).encode(), digest_size=16).digest())


def on_cases(caller: Caller) -> Caller:
    """The caller without the row scope over accounts, which a case is not; it is looked at before."""
    return replace(caller, visible=None)


async def find_case(reader: Reader, case_id: str, scope: Scope) -> CaseRow:
    """The case, if it is in the scope. Raises `case_not_found`."""
    for fresh in (False, True):
        if fresh:
            await reader.catch_up()
        if "\0" not in case_id:
            async with reader.pool.connection() as connection:
                row = await case_queries.get(connection, case_id, scope=scope)
            if row is not None:
                return row
    raise LedgerError("case_not_found")


async def open_case(ledger: Ledger, caller: Caller, command: OpenCase) -> Outcome:
    """Open a case. Raises `case_exists`, `policy_unknown`, `case_due_past`."""
    return await record(ledger, on_cases(caller), command)


async def open_case_once(ledger: Ledger, command: OpenCase, *, actor: str) -> tuple[Outcome, bool]:
    """Open a case under an id made of its cause; `False` when it is open already, whoever opened it."""
    key = deterministic_id("open", command.account_id.hex)
    outcome = await ledger.execute(Request(command, actor, key, key.bytes))
    return outcome, not outcome.replayed


async def act_on_case(ledger: Ledger, reader: Reader, caller: Caller, command: CaseCommand, *, scope: Scope) -> Outcome:
    """Record a command to a case in the scope. Raises `case_not_found` and the refusals of its decision."""
    await find_case(reader, str(command.account_id), scope)
    return await record(ledger, on_cases(caller), command)


async def record_inspection(
    ledger: Ledger, reader: Reader, caller: Caller, command: RecordCaseInspection, *, scope: Scope
) -> Outcome:
    """Record an inspection; a head-count is told to the account too, which knows how many pupils have contracts.

    The account's key is made of the case's event, so a repetition after a crash between the two tells it once.
    """
    case = await find_case(reader, str(command.account_id), scope)
    outcome = await record(ledger, on_cases(caller), command)
    if case.about_account_id and command.head_count is not None:
        fact = RecordInstitutionFact(
            account_id=UUID(case.about_account_id),
            effective_on=command.effective_on,
            kind="head_count",
            value=command.head_count,
            source=f"case {case.case_id}",
        )
        key = deterministic_id("head_count", case.case_id, str(outcome.version))
        await ledger.execute(Request(fact, caller.actor, key, key.bytes))
    return outcome


async def link_event(ledger: Ledger, reader: Reader, caller: Caller, command: LinkCase, *, scope: Scope) -> Outcome:
    """Tie a recorded event of the case's account to the case; only its `version` is taken from the command.

    Raises `case_not_found`, `case_without_account`, and `not_found` for an event that is not there.
    """
    case = await find_case(reader, str(command.account_id), scope)
    if not case.about_account_id:
        raise LedgerError("case_without_account")
    account_id = UUID(case.about_account_id)
    partition = partition_of(account_id, ledger.partitions)
    async with reader.pool.connection() as connection:
        found = await (await connection.execute(_PLACE, [partition, account_id, command.version])).fetchone()
    if found is None:
        raise LedgerError("not_found", kind="event")
    placed = LinkCase(
        account_id=command.account_id,
        effective_on=command.effective_on,
        acting=command.acting,
        about_account_id=case.about_account_id,
        partition=partition,
        position=found[0],
        version=command.version,
        topic_of=found[1],
    )
    return await record(ledger, on_cases(caller), placed)


def first_receiver(account: AccountBalance) -> str:
    """Who receives a family's complaint: the first authority that the account names, in the account's district."""
    first = account.authorities[0] if account.authorities else account.district
    return first if first == account.district or first.isdigit() else f"{account.district}/{first}"


async def complain(
    ledger: Ledger, reader: Reader, caller: Caller, command: OpenCase, *, scope: Scope, paid_elsewhere_fen: int = 0
) -> Outcome:
    """A family complains about its contract: the account's first authority receives it.

    The rest is looked up: institution, account, family, and for a refund's dispute the refund. What the family paid to
    another account than the supervised one is told to the account too, once, however often the request is repeated.
    Raises `contract_not_found`, `refund_not_found`.
    """
    contract_id = command.contract_id
    if command.refund_id:
        refund = await reader.refund(command.refund_id, scope)
        if contract_id not in ("", refund.contract_id):
            raise LedgerError("refund_not_found", refund_id=command.refund_id)
        contract_id = refund.contract_id
    contract = await reader.contract(contract_id, scope)
    account = await reader.account(contract.account_id, Scope())
    told = OpenCase(
        account_id=command.account_id,
        effective_on=command.effective_on,
        kind="refund_dispute" if command.refund_id else "complaint",
        source="parent",
        owner=first_receiver(account),
        institution_id=account.institution_id,
        reason=command.reason,
        pack=account.pack,
        about_account_id=account.account_id,
        contract_id=contract_id,
        refund_id=command.refund_id,
        family_id=contract.family_id,
    )
    outcome = await record(ledger, on_cases(caller), told)
    if paid_elsewhere_fen:
        case_id = str(outcome.account_id)
        finding = RecordFinding(
            account_id=UUID(account.account_id),
            effective_on=opened(outcome).effective_on,
            kind="paid_elsewhere",
            rule="fee.off_book",
            subject_kind="report",
            subject_id=case_id,
            figures={"amount_fen": paid_elsewhere_fen, "report": case_id},
            source=f"case {case_id}",
        )
        key = deterministic_id("paid_elsewhere", case_id)
        await ledger.execute(Request(finding, caller.actor, key, key.bytes))
    return outcome


def opened(outcome: Outcome) -> CaseOpened:
    """The opening among a command's events."""
    return next(event for event in outcome.events if isinstance(event, CaseOpened))


__all__ = [
    "ReadPool",
    "act_on_case",
    "complain",
    "deterministic_id",
    "find_case",
    "first_receiver",
    "link_event",
    "on_cases",
    "open_case",
    "open_case_once",
    "opened",
    "record_inspection",
]
