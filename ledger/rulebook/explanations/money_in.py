"""Sentences about money coming in, and about fees that the institution keeps against its risk deposit."""

from collections.abc import Iterator

from ledger.domain import events as e
from ledger.rulebook.explanations.account import total
from ledger.rulebook.explanations.fees import told_findings
from ledger.rulebook.explanations.wording import Teller, Told, money

SENTENCES: dict[type[e.Event], Told] = {
    e.FeePaid: Told(
        "A fee of {amount_fen} for contract {contract_id} arrived at bank {bank} (entry {bank_reference}).",
        "合同{contract_id}的学费{amount_fen}到账（{bank}银行，流水{bank_reference}）。",
    ),
    e.DepositHeldInSuspense: Told(
        "A receipt of {amount_fen} (entry {bank_reference}) waits in suspense as {suspense_id}: {reason}.",
        "收款{amount_fen}（流水{bank_reference}）转入待查{suspense_id}：{reason}。",
    ),
    e.SuspenseMatched: Told(
        "{amount_fen} of the receipt {suspense_id} were found to pay contract {contract_id}: {reason}.",
        "待查款{suspense_id}中的{amount_fen}认领为合同{contract_id}的学费：{reason}。",
    ),
    e.SuspenseReturnAnnounced: Told(
        "Nobody has claimed {amount_fen} of the receipt {suspense_id}, which came on {received_on}: it is sent back "
        "from {return_on} on unless somebody does.",
        "{received_on}收到的待查款{suspense_id}尚有{amount_fen}无人认领，自{return_on}起原路退回。",
    ),
    e.SuspenseReturnInstructed: Told(
        "The bank is asked to send {amount_fen} of the receipt {suspense_id} back to where it came from: {reason}.",
        "指令银行将待查款{suspense_id}的{amount_fen}原路退回：{reason}。",
    ),
    e.SuspenseReturned: Told(
        "The bank sent {amount_fen} of the receipt {suspense_id} back.", "银行已退回待查款{suspense_id}的{amount_fen}。"
    ),
    e.SuspenseReturnFailed: Told(
        "{amount_fen} of the receipt {suspense_id} were not sent back: {reason}. They stay in suspense.",
        "待查款{suspense_id}的{amount_fen}退回失败：{reason}，仍为待查。",
    ),
    e.ReserveDeposited: Told(
        "The institution paid in {amount_fen} of its own (entry {bank_reference}).",
        "机构存入自有资金{amount_fen}（流水{bank_reference}）。",
    ),
    e.ReserveReleased: Told(
        "The regulator released {amount_fen} of the reserve, which leaves by an ordinary payout: {reason}.",
        "监管部门释放准备金{amount_fen}，按普通拨付支取：{reason}。",
    ),
    e.FeeKeptByInstitution: Told(
        "The institution received and keeps a fee of {amount_fen} for contract {contract_id} (payment "
        "{payment_reference}); its risk deposit secures it.",
        "机构收取并自持合同{contract_id}的学费{amount_fen}（缴费{payment_reference}），以风险保证金担保。",
    ),
    e.KeptFeesConsumed: Told(
        "{amount_fen} of drawn lessons were paid by fees that the institution has already.",
        "已消课的{amount_fen}由机构自持的学费抵付。",
    ),
    e.RefundPaidByInstitution: Told(
        "The institution paid {amount_fen} of the refund {refund_id} itself (document {document}).",
        "机构自行支付退费{refund_id}的{amount_fen}（凭证{document}）。",
    ),
    e.ReserveDrawn: Told(
        "By order, {amount_fen} of the refund {refund_id} are paid out of the risk deposit: {reason}.",
        "责令以风险保证金支付退费{refund_id}的{amount_fen}：{reason}。",
    ),
}


def _packages(event: e.FeePaid | e.SuspenseMatched | e.FeeKeptByInstitution) -> Iterator[Told]:
    for line in event.lines:
        amount = money(line.amount_fen)
        yield Told(f"Package {line.package}: {amount.en}.", f"课包{line.package}：{amount.zh}。")
    if not isinstance(event, e.FeeKeptByInstitution) and event.pays_bill:
        yield Told("It pays lessons taught already: the institution's at once.", "支付已授课的费用，即时归机构。")
    yield from told_findings(event.findings)


def _held(event: e.DepositHeldInSuspense) -> Iterator[Told]:
    yield from told_findings(event.findings)


def _settled(event: e.RefundPaidByInstitution | e.ReserveDrawn) -> Iterator[Told]:
    yield total(
        Told(
            "Fees kept + advances + what it is owed for it",
            "冲减自持学费 + 冲减预拨 + 应付机构垫付款",
        ),
        event.from_held_fen,
        event.from_advance_fen,
        event.to_earned_fen,
    )


DETAILS: dict[type[e.Event], Teller] = {
    e.FeePaid: _packages,
    e.DepositHeldInSuspense: _held,
    e.SuspenseMatched: _packages,
    e.FeeKeptByInstitution: _packages,
    e.RefundPaidByInstitution: _settled,
    e.ReserveDrawn: _settled,
}
