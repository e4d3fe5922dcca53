"""Sentences about closures, wind-downs and families who go on elsewhere, with what each page gives to whom."""

from collections.abc import Iterator

from ledger.domain import events as e
from ledger.rulebook.explanations.refunds import arithmetic
from ledger.rulebook.explanations.wording import Teller, Told, money

_MANY = 6
"""So many claims of a page are told one by one; the page itself has them all."""

SENTENCES: dict[type[e.Event], Told] = {
    e.ClosureNotified: Told(
        "The institution gave notice that it closes on {closes_on}: {reason}. All unconsumed fees are returned.",
        "机构告知将于{closes_on}停业：{reason}。全部未消课费用须退还。",
    ),
    e.WindDownStarted: Told(
        "The wind-down began ({by}; {reason}): {contracts} contracts, families are owed {obligation_fen}, the account "
        "has {cash_fen}.",
        "清算开始（{by}；{reason}）：合同{contracts}份，应退家长{obligation_fen}，账户现金{cash_fen}。",
    ),
    e.ClaimRecorded: Told(
        "Claims of families were recorded, contract by contract.",
        "逐份合同登记家长债权。",
    ),
    e.DistributionOpened: Told(
        "Distribution {number} shares {amount_fen} among {claims} claims that lack {claims_fen}.",
        "第{number}次分配：{amount_fen}分给{claims}笔未足额债权，合计缺口{claims_fen}。",
    ),
    e.ClaimAllocated: Told(
        "A page of distribution {distribution} was handed out.",
        "第{distribution}次分配的一批已确定。",
    ),
    e.WindDownClosed: Told(
        "The wind-down is done: families claimed {claims_fen}, were paid {paid_fen}, took {transferred_fen} to other "
        "institutions, and lost {lost_fen}.",
        "清算结束：家长债权{claims_fen}，已退{paid_fen}，转入其他机构{transferred_fen}，损失{lost_fen}。",
    ),
    e.ContinuityOffered: Told(
        "The institution is willing to go on for families of account {from_account_id} until {until_on} (offer "
        "{offer_id}).",
        "机构愿承接账户{from_account_id}的学员，截止{until_on}（方案{offer_id}）。",
    ),
    e.ContinuityAccepted: Told(
        "The family of contract {contract_id} chose to go on under offer {offer_id} in account {to_account_id}.",
        "合同{contract_id}的家长选择按方案{offer_id}转入账户{to_account_id}。",
    ),
    e.ContinuityRevoked: Told(
        "The family of contract {contract_id} does not go on under offer {offer_id} after all: {reason}.",
        "合同{contract_id}的家长不再按方案{offer_id}转移：{reason}。",
    ),
    e.ContinuityTransferred: Told(
        "{amount_fen} of contract {contract_id} go on as contract {to_contract_id} in account {to_account_id}; the "
        "bank is asked to send them.",
        "合同{contract_id}的{amount_fen}转入账户{to_account_id}的合同{to_contract_id}，已指令银行划款。",
    ),
    e.ContinuityReceived: Told(
        "Contract {contract_id} takes over {amount_fen} from contract {from_contract_id} of account {from_account_id}; "
        "the money is in transit.",
        "合同{contract_id}承接账户{from_account_id}合同{from_contract_id}的{amount_fen}，款项在途。",
    ),
    e.ContinuityArrived: Told(
        "The {amount_fen} of contract {contract_id} that were in transit arrived (entry {bank_reference}).",
        "合同{contract_id}的在途款项{amount_fen}已到账（流水{bank_reference}）。",
    ),
    e.ContinuityMatched: Told(
        "The receipt {suspense_id} (entry {payment_reference}) was found to be the {amount_fen} of contract "
        "{contract_id} that were in transit (transfer {transfer_id}): {reason}.",
        "待查款{suspense_id}（流水{payment_reference}）认领为合同{contract_id}的在途款项{amount_fen}"
        "（转移{transfer_id}）：{reason}。",
    ),
    e.TransferInstructed: Told(
        "The bank is asked again to send {amount_fen} to the other institution's account (transfer {transfer_id}).",
        "再次指令银行向承接机构账户划款{amount_fen}（转移{transfer_id}）。",
    ),
    e.TransferSettled: Told(
        "The bank sent {amount_fen} to the other institution's account (entry {bank_reference}).",
        "银行已向承接机构账户划款{amount_fen}（流水{bank_reference}）。",
    ),
    e.TransferReturned: Told(
        "{amount_fen} that were sent to the other institution's account came back (entry {bank_reference}): {reason}. "
        "They are still owed to it.",
        "已划往承接机构账户的{amount_fen}被退回（流水{bank_reference}）：{reason}。款项仍应划转。",
    ),
    e.TransferFailed: Told(
        "The bank could not send {amount_fen} to the other institution's account: {reason}. They are still owed to it.",
        "银行未能向承接机构账户划款{amount_fen}：{reason}。款项仍应划转。",
    ),
}


def _notified(event: e.ClosureNotified) -> Iterator[Told]:
    if event.closes_on < event.earliest_on:
        yield Told(
            f"The notice is shorter than the law's: {event.earliest_on} would be the earliest day.",
            f"告知期短于规定：最早应为{event.earliest_on}。",
        )


def _started(event: e.WindDownStarted) -> Iterator[Told]:
    suspense, in_flight, outside = map(money, (event.suspense_fen, event.payout_in_flight_fen, event.exposure_fen))
    own = money(event.earned_fen + event.reserve_fen)
    yield Told(
        f"Of the cash {suspense.en} are receipts of unknown payers and {in_flight.en} are promised already; "
        f"{outside.en} lie outside. The institution's own {own.en} stand in for families first.",
        f"现金中待查{suspense.zh}、已指令{in_flight.zh}；账户外{outside.zh}。机构自有{own.zh}先行保障家长。",
    )
    if event.pending_lessons:
        yield Told(
            f"{event.pending_lessons} lessons wait for families' word and are settled first.",
            f"{event.pending_lessons}课次待家长确认，先行结算。",
        )


def _recorded(event: e.ClaimRecorded) -> Iterator[Told]:
    for claim in event.claims[:_MANY]:
        amount, before = money(claim.claim_fen), money(claim.under_way_fen)
        yield Told(
            f"Contract {claim.contract_id}: {amount.en} (refund {claim.refund_id}), {before.en} of it given before.",
            f"合同{claim.contract_id}：{amount.zh}（退费{claim.refund_id}），其中此前已给付{before.zh}。",
        )
        yield from map(arithmetic, claim.lines)
    yield from _more(len(event.claims))


def _allocated(event: e.ClaimAllocated) -> Iterator[Told]:
    for line in event.lines[:_MANY]:
        given, lacking = money(line.allocated_fen), money(line.uncovered_fen)
        yield Told(
            f"Contract {line.contract_id}: {given.en} of {lacking.en} that were lacking (refund {line.refund_id}).",
            f"合同{line.contract_id}：缺口{lacking.zh}，本次分配{given.zh}（退费{line.refund_id}）。",
        )
    yield from _more(len(event.lines))
    if event.from_reserve_fen:
        reserve = money(event.from_reserve_fen)
        yield Told(
            f"{reserve.en} of the risk deposit pay what the institution had kept.",
            f"以风险保证金{reserve.zh}抵付机构留存款。",
        )


def _more(count: int) -> Iterator[Told]:
    if count > _MANY:
        yield Told(f"And {count - _MANY} more.", f"另有{count - _MANY}项。")


def _closed(event: e.WindDownClosed) -> Iterator[Told]:
    if event.held_fen:
        held = money(event.held_fen)
        yield Told(
            f"{held.en} were given and could not be paid; they stay for their families: {event.reason}.",
            f"已分配未能支付{held.zh}，仍为家长保留：{event.reason}。",
        )
    left = money(event.institution_fen)
    yield Told(f"{left.en} are left for the institution.", f"剩余归机构{left.zh}。")


DETAILS: dict[type[e.Event], Teller] = {
    e.ClosureNotified: _notified,
    e.WindDownStarted: _started,
    e.ClaimRecorded: _recorded,
    e.ClaimAllocated: _allocated,
    e.WindDownClosed: _closed,
}
