"""Sentences about refunds, with the arithmetic of each package."""

from collections.abc import Iterator

from ledger.domain import events as e
from ledger.rulebook.explanations.account import deadline
from ledger.rulebook.explanations.instructions import NEEDS_APPROVAL
from ledger.rulebook.explanations.wording import Teller, Told, money, word

SENTENCES: dict[type[e.Event], Told] = {
    e.RefundRequested: Told(
        "The family asked for a refund of contract {contract_id} ({ground}; {reason}); the institution has until "
        "{answer_due_on} to answer.",
        "家长申请合同{contract_id}退费（{ground}；{reason}），机构须在{answer_due_on}前答复。",
    ),
    e.RefundQuoted: Told(
        "The family is owed {amount_fen} (refund {refund_id}, basis: {basis}).",
        "应退{amount_fen}（退费{refund_id}，依据：{basis}）。",
    ),
    e.RefundContested: Told(
        "The institution offers {offered_fen} and contests the rest: {reason}. What it offers goes at once.",
        "机构只同意退{offered_fen}，对其余部分提出异议：{reason}。无争议部分立即退还。",
    ),
    e.RefundAgreed: Told(
        "{amount_fen} of the refund {refund_id} are owed, agreed by {by}, to be paid until {pay_due_on}.",
        "退费{refund_id}确定应退{amount_fen}（{by}），须在{pay_due_on}前支付。",
    ),
    e.RefundInstructed: Told(
        "The bank is asked to pay the refund {refund_id} back along the original route.",
        "指令银行将退费{refund_id}原路退回。",
    ),
    e.RefundPaid: Told(
        "The bank paid {amount_fen} of the refund {refund_id} (entry {bank_reference}).",
        "银行已支付退费{refund_id}的{amount_fen}（流水{bank_reference}）。",
    ),
    e.RefundRejected: Told(
        "{amount_fen} of the refund {refund_id} were not paid: {reason}. The money is still in the account.",
        "退费{refund_id}的{amount_fen}未能支付：{reason}。款项仍在账户。",
    ),
    e.RefundReturned: Told(
        "{amount_fen} of the refund {refund_id} came back from the other bank: {reason}. They are owed to the family "
        "again.",
        "退费{refund_id}的{amount_fen}被对方银行退回：{reason}，仍应退还家长。",
    ),
    e.RefundWithdrawn: Told(
        "The family took the refund {refund_id} back: {reason}.", "家长撤回退费{refund_id}：{reason}。"
    ),
    e.RefundOverdue: Told(
        "The step {step} of the refund {refund_id} is past its day {due_on}.",
        "退费{refund_id}的{step}已逾期（期限{due_on}）。",
    ),
}


def _requested(event: e.RefundRequested) -> Iterator[Told]:
    yield from deadline(event.answer_term)


def arithmetic(line: e.QuoteLine) -> Told:
    """One package on one basis: what was paid, less what counts as used, waits, and went back before."""
    used_fen = line.drawn_fen if line.used_fen is None else line.used_fen
    paid, used, back, refund = map(money, (line.paid_fen, used_fen, line.refunded_fen, line.refund_fen))
    en = f"Package {line.package}"
    zh = f"课包{line.package}"
    if line.basis is not None:
        basis = word(line.basis)
        en, zh = f"{en} ({basis.en})", f"{zh}（{basis.zh}）"
    if line.days:
        taken = Told(f"{line.days_used} of {line.days} days used", f"已用{line.days_used}/{line.days}日")
    else:
        taken = Told(
            f"{line.drawn_lessons} of {line.lessons} lessons drawn", f"已消{line.drawn_lessons}/{line.lessons}课时"
        )
    terms = [(used, Told("used", "已用")), (back, Told("refunded before", "已退"))]
    if line.pending_fen:
        terms.insert(1, (money(line.pending_fen), Told("waiting for the family's word", "待家长确认")))
    difference = line.paid_fen - used_fen - line.pending_fen - line.refunded_fen
    floor = Told("", "")
    if line.refund_fen != difference:
        other = money(difference - line.refund_fen)
        floor = (
            Told(" (not less than nothing)", "（不低于零）")
            if line.refund_fen == 0
            else Told(f" - {other.en} charged by an earlier refund", f" - 此前退费已计{other.zh}")
        )
    return Told(
        f"{en}, {taken.en}: {paid.en} paid"
        + "".join(f" - {amount.en} {name.en}" for amount, name in terms)
        + f"{floor.en} = {refund.en}.",
        f"{zh}，{taken.zh}：已付{paid.zh}"
        + "".join(f" - {name.zh}{amount.zh}" for amount, name in terms)
        + f"{floor.zh} = {refund.zh}。",
    )


def _quoted(event: e.RefundQuoted) -> Iterator[Told]:
    yield from map(arithmetic, event.lines)
    if len(event.lines) > 1:
        parts, whole = [money(line.refund_fen) for line in event.lines], money(event.amount_fen)
        yield Told(
            f"Together: {' + '.join(part.en for part in parts)} = {whole.en}.",
            f"合计：{' + '.join(part.zh for part in parts)} = {whole.zh}。",
        )
    others = [line for line in event.bases if line not in event.lines]
    if others:
        yield Told("Other lawful bases, less good for the family:", "其他合法依据（对家长较不利）：")
        yield from map(arithmetic, others)
    if event.same_service_before:
        yield Told(
            "The student had the same service here before: no cooling-off.",
            "该学员此前已接受相同服务，不适用七日退款。",
        )


def _contested(event: e.RefundContested) -> Iterator[Told]:
    if event.quoted_fen:
        quoted, offered = money(event.quoted_fen), money(event.offered_fen)
        below = money(event.quoted_fen - event.offered_fen)
        yield Told(
            f"Quoted {quoted.en} - offered {offered.en} = {below.en} in dispute.",
            f"应退{quoted.zh} - 同意{offered.zh} = 争议{below.zh}。",
        )
    if event.decision_due_on is not None:
        yield Told(f"The regulator decides by {event.decision_due_on}.", f"监管部门须在{event.decision_due_on}前处理。")
    yield from deadline(event.decision_term)


def _agreed(event: e.RefundAgreed) -> Iterator[Told]:
    for line in event.lines:
        amount = money(line.amount_fen)
        yield Told(f"Package {line.package}: {amount.en}.", f"课包{line.package}：{amount.zh}。")
    for line in event.charged:
        amount = money(line.amount_fen)
        yield Told(
            f"Package {line.package}: {amount.en} are left to the institution beyond the lessons drawn.",
            f"课包{line.package}：除已消课外另有{amount.zh}归机构。",
        )
    yield from deadline(event.pay_term)


def _instructed(event: e.RefundInstructed) -> Iterator[Told]:
    for leg in event.legs:
        amount = money(leg.amount_fen)
        yield Told(
            f"{amount.en} for payment {leg.payment_reference} (instruction {leg.instruction_id}).",
            f"缴费{leg.payment_reference}退{amount.zh}（指令{leg.instruction_id}）。",
        )
    if event.needs_approval:
        yield NEEDS_APPROVAL


DETAILS: dict[type[e.Event], Teller] = {
    e.RefundRequested: _requested,
    e.RefundQuoted: _quoted,
    e.RefundContested: _contested,
    e.RefundAgreed: _agreed,
    e.RefundInstructed: _instructed,
}
