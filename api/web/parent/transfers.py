"""A family's own choices about another contract: the course that is proposed, or going on at another institution."""

from uuid import UUID

from starlette.responses import Response

from api.web.page_call import Notice, PageCall
from api.web.parent.contracts import own_contract
from api.web.site import Pages
from ledger.application.continuity import accept_continuity, revoke_continuity
from ledger.application.contracts import accept_amendment, decline_amendment
from ledger.application.refunds import contract_of_family
from ledger.domain.events import ContractAmended

pages = Pages(
    {
        "amendment_accepted": Notice(
            "已同意转课，剩余金额已转入本合同。", "Accepted: what was left is in this contract."
        ),
        "amendment_declined": Notice(
            "已告知机构您不同意转课，原合同照常履行。", "Turned down: your contract goes on as it is."
        ),
        "continuity_accepted": Notice("已选择转续。", "You go on there."),
        "continuity_revoked": Notice("已改为退费。", "You have a refund instead."),
    }
)


@pages.post("/parent/contracts/{contract_id}/amendment", "parent")
async def accept_course(call: PageCall) -> Response:
    row = await own_contract(call, call.path("contract_id"))
    outcome = await accept_amendment(
        call.ledger,
        call.caller(contract_of_family(row.contract_id, call.principal.families)),
        account_id=UUID(row.account_id),
        contract_id=row.contract_id,
        amendment_id=call.text("amendment_id", 64),
        on=call.ledger.today(),
    )
    amended = next(event for event in outcome.events if isinstance(event, ContractAmended))
    return call.after(outcome, f"/parent/contracts/{amended.terms.contract_id}", done="amendment_accepted")


@pages.post("/parent/contracts/{contract_id}/amendment/refusal", "parent")
async def turn_course_down(call: PageCall) -> Response:
    row = await own_contract(call, call.path("contract_id"))
    outcome = await decline_amendment(
        call.ledger,
        call.caller(contract_of_family(row.contract_id, call.principal.families)),
        account_id=UUID(row.account_id),
        contract_id=row.contract_id,
        amendment_id=call.text("amendment_id", 64),
        reason=call.optional_text("reason"),
        on=call.ledger.today(),
    )
    place = f"{outcome.partition}:{outcome.position}"
    return call.go_to(f"/parent/contracts/{row.contract_id}", done="amendment_declined", at_least=place)


@pages.post("/parent/contracts/{contract_id}/continuity", "parent")
async def go_on_elsewhere(call: PageCall) -> Response:
    row = await own_contract(call, call.path("contract_id"))
    outcome = await accept_continuity(
        call.ledger,
        call.caller(contract_of_family(row.contract_id, call.principal.families)),
        account_id=UUID(row.account_id),
        contract_id=row.contract_id,
        offer_id=call.text("offer_id", 64),
        to_account_id=call.text("to_account_id", 64),
        on=call.ledger.today(),
    )
    return call.after(outcome, f"/parent/contracts/{row.contract_id}", done="continuity_accepted")


@pages.post("/parent/contracts/{contract_id}/continuity/revocation", "parent")
async def have_a_refund(call: PageCall) -> Response:
    row = await own_contract(call, call.path("contract_id"))
    outcome = await revoke_continuity(
        call.ledger,
        call.caller(contract_of_family(row.contract_id, call.principal.families)),
        account_id=UUID(row.account_id),
        contract_id=row.contract_id,
        reason=call.text("reason"),
        on=call.ledger.today(),
    )
    return call.after(outcome, f"/parent/contracts/{row.contract_id}", done="continuity_revoked")
