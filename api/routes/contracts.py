"""`/v1/contracts`: a family's contracts, as institutions sign them and families read them."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from msgspec import Meta
from starlette.responses import Response
from uuid_utils.compat import uuid7

from api.answers import Receipt, first, found, receipt, receipt_fields, recorded
from api.calls import Call, command
from api.documentation import described
from api.fields import Body, ContractReference, Name, OptionalText, Reason
from api.pages import (
    Id,
    Limit,
    Page,
    PageCursor,
    Reading,
    account_filter,
    page_of,
    place_of,
    read_cursor,
    reading,
    scope_of,
)
from api.routes.contract_terms import DocumentDigest, LessonMinutes, PackageTerms
from ledger.application.contracts import Terms, end_contract, sign_contract
from ledger.domain.events import Billing, Category, ContractSigned, Package
from ledger.projections import contracts
from ledger.projections.contracts import ContractBalance, ContractStatus

router = APIRouter(tags=["institution"])


class Contract(Body, frozen=True, kw_only=True):
    """A contract as signed. Family and student are opaque ids: no names, no numbers of persons."""

    account_id: UUID
    contract_no: ContractReference
    family_id: Name
    student_id: Name
    course_id: Name
    subject: Name
    category: Category
    starts_on: date
    ends_on: date
    lesson_minutes: LessonMinutes
    packages: Annotated[tuple[PackageTerms, ...], Meta(min_length=1, max_length=100)]
    signed_on: Annotated[date | None, Meta(description="Today if absent.", examples=["2026-09-01"])] = None
    model_version: OptionalText = ""
    document_sha256: DocumentDigest = ""
    billing: Annotated[
        Billing, Meta(description="Paid beforehand, or after each lesson (先学后付).", examples=["prepaid"])
    ] = "prepaid"

    def terms(self) -> Terms:
        return Terms(
            contract_no=self.contract_no,
            family_id=self.family_id,
            student_id=self.student_id,
            course_id=self.course_id,
            subject=self.subject,
            category=self.category,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            lesson_minutes=self.lesson_minutes,
            packages=tuple(
                Package(
                    number=number,
                    price_fen=package.price_fen,
                    paid_lessons=package.paid_lessons,
                    gift_lessons=package.gift_lessons,
                    list_price_fen=package.list_price_fen,
                    time_card=package.time_card,
                )
                for number, package in enumerate(self.packages, 1)
            ),
            model_version=self.model_version,
            document_sha256=self.document_sha256,
            billing=self.billing,
        )


class ContractReceipt(Receipt, kw_only=True):
    """The contract's id, which payers may name."""

    contract_id: str


class Ending(Body, frozen=True, kw_only=True):
    """Why a contract ends."""

    reason: Reason


@router.post(
    "/v1/contracts",
    **described(
        summary="Sign a contract",
        answer=ContractReceipt,
        body=Contract,
        status=201,
        codes=(
            "account_not_found",
            "account_frozen",
            "account_blacklisted",
            "contract_no_taken",
            "contract_dates_reversed",
            "contract_packages_many",
            "package_lessons_wrong",
            "package_price_wrong",
            "fee_cap_months",
            "fee_cap_lessons",
            "fee_cap_amount",
            "fee_not_published",
            "fee_above_notice",
            "fee_above_guide_price",
            "fee_unit_slip",
            "contract_not_model",
        ),
        command=True,
        guarded=True,
    ),
)
async def sign(call: Annotated[Call[Contract], Depends(command(Contract, "contracts:write"))]) -> Response:
    body = call.body
    outcome = await sign_contract(
        call.ledger,
        call.caller,
        account_id=body.account_id,
        contract_id=str(uuid7()),
        terms=body.terms(),
        on=body.signed_on or call.ledger.today(),
    )
    signed = first(outcome, ContractSigned)
    assert signed is not None
    fields: dict[str, Any] = receipt_fields(outcome)
    return recorded(ContractReceipt(**fields, contract_id=signed.contract_id), outcome, 201)


@router.get(
    "/v1/contracts",
    **described(
        summary="List contracts", answer=Page[ContractBalance], codes=("account_not_found", "cursor_malformed")
    ),
)
async def list_contracts(
    read: Annotated[Reading, Depends(reading("contracts:read"))],
    account_id: Id | None = None,
    family_id: Id | None = None,
    contract_no: Id | None = None,
    status: ContractStatus | None = None,
    cursor: PageCursor = None,
    limit: Limit = 100,
) -> Response:
    async with read.pool.connection() as connection:
        rows = await contracts.list_page(
            connection,
            scope=read.scope,
            account_id=account_filter(account_id),
            family_id=family_id,
            contract_no=contract_no,
            status=status,
            after=read_cursor(cursor),
            limit=limit + 1,
        )
    return found(page_of(rows, limit, lambda row: row, place_of))


@router.get(
    "/v1/contracts/{contract_id}",
    **described(summary="Get one contract", answer=ContractBalance, codes=("contract_not_found",)),
)
async def get_contract(contract_id: str, read: Annotated[Reading, Depends(reading("contracts:read"))]) -> Response:
    return found(await read.books.reader.contract(contract_id, read.scope))


@router.post(
    "/v1/contracts/{contract_id}/end",
    **described(
        summary="End a contract on which nothing is owed",
        answer=Receipt,
        body=Ending,
        codes=(
            "contract_not_found",
            "contract_has_balance",
            "contract_bills_open",
            "contract_cash_out",
            "contract_refund_open",
            "contract_moved_lately",
            "account_not_found",
        ),
        command=True,
        guarded=True,
    ),
)
async def end(contract_id: str, call: Annotated[Call[Ending], Depends(command(Ending, "contracts:write"))]) -> Response:
    contract = await call.reader.contract(contract_id, scope_of(call.principal))
    outcome = await end_contract(
        call.ledger,
        call.caller,
        account_id=UUID(contract.account_id),
        contract_id=contract_id,
        reason=call.body.reason,
        on=call.ledger.today(),
    )
    return receipt(outcome)
