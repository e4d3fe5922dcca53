"""`/v1/contracts/{id}/amendment`: another contract in one's place (转课), proposed and answered, or withdrawn."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response
from uuid_utils.compat import uuid7

from api.answers import Receipt, first, receipt_fields, receipt_of, recorded
from api.calls import Call, command
from api.documentation import described
from api.fields import Body, Name, OptionalText, Reason
from api.pages import scope_of
from api.routes.contract_terms import ProposedTerms
from ledger.application.contracts import accept_amendment, decline_amendment, propose_amendment, withdraw_amendment
from ledger.application.refunds import contract_of_family
from ledger.domain.events import ContractAmended, ContractAmendmentProposed

router = APIRouter()

_REFUSALS = (
    "contract_not_found",
    "account_frozen",
    "account_blacklisted",
    "contract_amended",
    "contract_lessons_open",
    "contract_refund_open",
    "contract_no_taken",
    "contract_dates_reversed",
    "amendment_of_bills",
    "amendment_outdated",
    "amendment_value_lost",
    "package_not_found",
    "fee_cap_months",
    "fee_cap_lessons",
    "fee_cap_amount",
    "fee_not_published",
    "fee_above_notice",
    "fee_above_guide_price",
    "contract_not_model",
)


class Proposal(Body, frozen=True, kw_only=True):
    """The new contract, and why it takes the place of this one."""

    terms: ProposedTerms
    reason: Reason


class ProposalReceipt(Receipt, kw_only=True):
    """What the family accepts the proposal by."""

    amendment_id: str


class Acceptance(Body, frozen=True, kw_only=True):
    """Which proposal the family saw."""

    amendment_id: Name


class Refusal(Body, frozen=True, kw_only=True):
    """Which proposal the family saw and does not want."""

    amendment_id: Name
    reason: OptionalText = ""


class Withdrawal(Body, frozen=True, kw_only=True):
    """Which proposal is taken back, and why."""

    amendment_id: Name
    reason: Reason


class AmendedReceipt(Receipt, kw_only=True):
    """The contract that has what was left of this one (fen)."""

    contract_id: str
    amount_fen: int


@router.post(
    "/v1/contracts/{contract_id}/amendment",
    tags=["institution"],
    **described(
        summary="Propose another contract in this one's place",
        description="What each package has left goes on to one package of the new contract, with the payments that it "
        "came by. It waits for the family; a later proposal takes its place.",
        answer=ProposalReceipt,
        body=Proposal,
        status=201,
        codes=_REFUSALS,
        command=True,
        guarded=True,
    ),
)
async def propose(
    contract_id: str, call: Annotated[Call[Proposal], Depends(command(Proposal, "contracts:write"))]
) -> Response:
    contract = await call.reader.contract(contract_id, scope_of(call.principal))
    outcome = await propose_amendment(
        call.ledger,
        call.caller,
        account_id=UUID(contract.account_id),
        contract_id=contract_id,
        amendment_id=str(uuid7()),
        terms=call.body.terms.amended(str(uuid7())),
        reason=call.body.reason,
        on=call.ledger.today(),
    )
    proposed = first(outcome, ContractAmendmentProposed)
    assert proposed is not None
    fields: dict[str, Any] = receipt_fields(outcome)
    return recorded(ProposalReceipt(**fields, amendment_id=proposed.amendment_id), outcome, 201)


@router.post(
    "/v1/contracts/{contract_id}/amendment/acceptance",
    tags=["parent"],
    **described(
        summary="Accept the proposed contract",
        description="Refused when a lesson, a refund or another proposal came between: the family accepts what it saw.",
        answer=AmendedReceipt,
        body=Acceptance,
        codes=(*_REFUSALS, "amendment_not_found"),
        command=True,
        guarded=True,
    ),
)
async def accept(
    contract_id: str, call: Annotated[Call[Acceptance], Depends(command(Acceptance, "contracts:accept"))]
) -> Response:
    contract = await call.reader.contract(contract_id, scope_of(call.principal))
    outcome = await accept_amendment(
        call.ledger,
        call.caller_who(contract_of_family(contract_id, call.principal.families)),
        account_id=UUID(contract.account_id),
        contract_id=contract_id,
        amendment_id=call.body.amendment_id,
        on=call.ledger.today(),
    )
    amended = first(outcome, ContractAmended)
    assert amended is not None
    fields: dict[str, Any] = receipt_fields(outcome)
    return recorded(
        AmendedReceipt(**fields, contract_id=amended.terms.contract_id, amount_fen=amended.amount_fen), outcome
    )


@router.post(
    "/v1/contracts/{contract_id}/amendment/refusal",
    tags=["parent"],
    **described(
        summary="Turn the proposed contract down",
        description="The contract goes on as it is. The institution may propose another one.",
        answer=Receipt,
        body=Refusal,
        codes=("contract_not_found", "amendment_not_found"),
        command=True,
        guarded=True,
    ),
)
async def decline(
    contract_id: str, call: Annotated[Call[Refusal], Depends(command(Refusal, "contracts:accept"))]
) -> Response:
    contract = await call.reader.contract(contract_id, scope_of(call.principal))
    outcome = await decline_amendment(
        call.ledger,
        call.caller_who(contract_of_family(contract_id, call.principal.families)),
        account_id=UUID(contract.account_id),
        contract_id=contract_id,
        amendment_id=call.body.amendment_id,
        reason=call.body.reason,
        on=call.ledger.today(),
    )
    return recorded(receipt_of(outcome), outcome)


@router.post(
    "/v1/contracts/{contract_id}/amendment/withdrawal",
    tags=["institution"],
    **described(
        summary="Take a proposed contract back",
        description="Only while the family has not answered.",
        answer=Receipt,
        body=Withdrawal,
        codes=("contract_not_found", "amendment_not_found"),
        command=True,
        guarded=True,
    ),
)
async def withdraw(
    contract_id: str, call: Annotated[Call[Withdrawal], Depends(command(Withdrawal, "contracts:write"))]
) -> Response:
    contract = await call.reader.contract(contract_id, scope_of(call.principal))
    outcome = await withdraw_amendment(
        call.ledger,
        call.caller,
        account_id=UUID(contract.account_id),
        contract_id=contract_id,
        amendment_id=call.body.amendment_id,
        reason=call.body.reason,
        on=call.ledger.today(),
    )
    return recorded(receipt_of(outcome), outcome)
