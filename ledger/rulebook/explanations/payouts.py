"""Sentences about money to the institution: payouts, advances, and what must stay."""

from collections.abc import Iterator

from ledger.domain import events as e
from ledger.rulebook.explanations.account import deadline
from ledger.rulebook.explanations.instructions import NEEDS_APPROVAL
from ledger.rulebook.explanations.wording import Teller, Told, figure, figures, money, percent, word

SENTENCES: dict[type[e.Event], Told] = {
    e.PayoutFellDue: Told(
        "A span of the payout schedule ({schedule}) ended on {period_ends_on}: {amount_fen} were payable then and are "
        "to be paid by {due_on}.",
        "拨付周期（{schedule}）于{period_ends_on}届满：当日可拨付{amount_fen}，应于{due_on}前拨付。",
    ),
    e.PayoutAnnounced: Told(
        "A large withdrawal of up to {amount_fen} was announced, payable from {payable_on}.",
        "报告大额支取，至多{amount_fen}，自{payable_on}起可支取。",
    ),
    e.OrderFinished: Told(
        "The whole order of contract {contract_id} is done: {amount_fen} drawn for it may be paid out from "
        "{releasable_on}.",
        "合同{contract_id}整单完成：已消课的{amount_fen}自{releasable_on}起可拨付。",
    ),
    e.PayoutInstructed: Told(
        "The bank is asked to pay {amount_fen} of earned lessons to the institution (instruction {instruction_id}).",
        "指令银行向机构拨付已消课款{amount_fen}（指令{instruction_id}）。",
    ),
    e.PayoutSettled: Told(
        "The bank paid {amount_fen} to the institution (entry {bank_reference}).",
        "银行已向机构拨付{amount_fen}（流水{bank_reference}）。",
    ),
    e.PayoutFailed: Told(
        "The payout of {amount_fen} was not made: {reason}. The money is earned and unpaid again.",
        "{amount_fen}未能拨付：{reason}。该款恢复为已消课待拨付。",
    ),
    e.AdvanceApproved: Told(
        "A cost advance of {amount_fen} was approved (instruction {instruction_id}).",
        "批准成本预拨{amount_fen}（指令{instruction_id}）。",
    ),
    e.AdvanceInstructed: Told(
        "The bank is asked to pay the advance of {amount_fen} to the institution (instruction {instruction_id}).",
        "指令银行向机构预拨{amount_fen}（指令{instruction_id}）。",
    ),
    e.AdvancePaid: Told(
        "The bank paid the advance of {amount_fen} (entry {bank_reference}).",
        "银行已预拨{amount_fen}（流水{bank_reference}）。",
    ),
    e.AdvanceFailed: Told(
        "The advance of {amount_fen} was not made: {reason}. {recouped_fen} that lessons paid back are earned again.",
        "{amount_fen}未能预拨：{reason}。已冲抵的{recouped_fen}恢复为已消课。",
    ),
    e.MinimumBalanceHeld: Told(
        "No payout may leave less than {amount_fen} in the account ({formula}).",
        "拨付后账户余额不得低于{amount_fen}（{formula}）。",
    ),
    e.FundsHeld: Told(
        "{amount_fen} of the institution's earned money are held as {hold_id}: {reason}.",
        "暂扣机构已消课款{amount_fen}（{hold_id}）：{reason}。",
    ),
    e.HoldReleased: Told(
        "The hold {hold_id} of {amount_fen} ended: {reason}.", "解除暂扣{hold_id}（{amount_fen}）：{reason}。"
    ),
    e.TopUpDemanded: Told(
        "The institution owes {amount_fen} by {due_on}; payouts stop.", "机构应于{due_on}前补足{amount_fen}，暂停拨付。"
    ),
    e.TopUpOverdue: Told(
        "The demanded top-up of {amount_fen} was not there after its due day {due_on}.",
        "要求补足的{amount_fen}逾期未到账（期限{due_on}）。",
    ),
    e.TopUpMet: Told(
        "Nothing is missing any more: {cash_fen} are at the bank.", "已补足，银行余额{cash_fen}，不再要求补足。"
    ),
}


def _minimum(event: e.MinimumBalanceHeld) -> Iterator[Told]:
    inputs = figures(event.inputs)
    yield Told(f"Worked out from: {inputs.en}.", f"计算依据：{inputs.zh}。")
    names = {"fixed_fen", "fees_fen"} & event.inputs.keys()
    if len(names) != 1:
        return
    base = event.inputs[names.pop()]
    shares = [event.inputs[name] for name in ("share_bp", "rating_bp", "listing_bp") if name in event.inputs]
    if not shares:
        return
    amounts = [figure("_fen", amount) for amount in (base, event.amount_fen)]
    factors = " × ".join(percent(share) for share in shares)
    yield Told(
        f"{amounts[0].en} × {factors}, rounded up = {amounts[1].en}.",
        f"{amounts[0].zh} × {factors}，进位到分 = {amounts[1].zh}。",
    )


def _top_up(event: e.TopUpDemanded) -> Iterator[Told]:
    if event.minimum_fen or event.cover_fen:
        minimum, cover, asked = money(event.minimum_fen), money(event.cover_fen), money(event.amount_fen)
        yield Told(
            f"Missing for the minimum balance {minimum.en}, of families' money {cover.en}; the greater is demanded: "
            f"{asked.en}.",
            f"距最低余额缺{minimum.zh}，家长资金缺口{cover.zh}，取其大者：{asked.zh}。",
        )
    yield from deadline(event.term)


def _advance(event: e.AdvanceApproved) -> Iterator[Told]:
    eligible, limit, outstanding = money(event.eligible_fen), money(event.limit_fen), money(event.outstanding_fen)
    free = money(event.limit_fen - event.outstanding_fen)
    share, cap = percent(event.share_bp), figure("cap_fen", event.cap_fen or None)
    yield Told(
        f"{eligible.en} of eligible unconsumed fees × {share} (cap: {cap.en}) = limit {limit.en}.",
        f"可预拨的未消课款{eligible.zh} × {share}（上限：{cap.zh}）= 额度{limit.zh}。",
    )
    yield Told(
        f"Limit {limit.en} - outstanding {outstanding.en} = {free.en} still possible before this advance.",
        f"额度{limit.zh} - 未冲抵{outstanding.zh} = 本次预拨前尚可预拨{free.zh}。",
    )


def _payout(event: e.PayoutInstructed) -> Iterator[Told]:
    if event.schedule:
        schedule = word(event.schedule)
        yield Told(f"Paid by the schedule: {schedule.en}.", f"按周期拨付：{schedule.zh}。")
    if event.announced:
        yield Told("It uses the withdrawal that was announced.", "本次使用已报告的大额支取。")
    if event.needs_approval:
        yield NEEDS_APPROVAL


DETAILS: dict[type[e.Event], Teller] = {
    e.MinimumBalanceHeld: _minimum,
    e.TopUpDemanded: _top_up,
    e.AdvanceApproved: _advance,
    e.PayoutInstructed: _payout,
}
