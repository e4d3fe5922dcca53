"""Rules about the balance: minimum, cover, the bank's word, demanded top-ups."""

from ledger.domain.account import Buckets
from ledger.projections.alert_rules.rule import AlertRule, Figures

BELOW_MINIMUM = AlertRule(
    id="balance.below_minimum",
    severity="red",
    source="minimum balance of the account",
    subject_kind="account",
    en="Cash of {cash_fen} fen is {missing_fen} fen below the minimum balance of {minimum_fen} fen.",
    zh="现金{cash_fen}分低于最低余额{minimum_fen}分，差{missing_fen}分。",
    resolved_en="Cash of {cash_fen} fen covers the minimum balance of {minimum_fen} fen.",
    resolved_zh="现金{cash_fen}分已不低于最低余额{minimum_fen}分。",
)
SHORTFALL = AlertRule(
    id="balance.shortfall",
    severity="red",
    source="families' money against cash and bank statement",
    subject_kind="account",
    en="Cash of {cash_fen} fen, {bank_fen} fen by the bank's statement, does not cover the required {required_fen} "
    "fen: {missing_fen} fen are missing.",
    zh="现金{cash_fen}分（按银行对账{bank_fen}分）不足以覆盖应有的{required_fen}分，差{missing_fen}分。",
    resolved_en="Cash of {cash_fen} fen, {bank_fen} fen by the bank's statement, covers the required {required_fen} "
    "fen.",
    resolved_zh="现金{cash_fen}分（按银行对账{bank_fen}分）已覆盖应有的{required_fen}分。",
)
BANK_BREAK = AlertRule(
    id="bank.break",
    severity="red",
    source="reconciliation with the bank",
    subject_kind="account",
    en="Bank and ledger differ since {statement_on} by {difference_fen} fen ({kind}, break {break_id}); this was to be "
    "made good or explained by {due_on}.",
    zh="自{statement_on}起银行与账本相差{difference_fen}分（{kind}，差异{break_id}），应于{due_on}前处理或说明。",
    resolved_en="No break with the bank is past its day any more.",
    resolved_zh="已无逾期未处理的对账差异。",
)
TOP_UP_OVERDUE = AlertRule(
    id="reserve.top_up_overdue",
    severity="red",
    source="demanded top-up",
    subject_kind="account",
    en="The top-up of {amount_fen} fen was due on {due_on} and is not paid.",
    zh="应补足的{amount_fen}分已于{due_on}到期，仍未到账。",
    resolved_en="The top-up is paid: cash is {cash_fen} fen.",
    resolved_zh="补足款已到账，现金{cash_fen}分。",
)


def required_cash_fen(buckets: Buckets) -> int:
    """What must be in the account: what families are owed and receipts of unknown owners, less what is known to be
    with the institution (advances, fees it may keep)."""
    b = buckets
    return b.prepaid + b.refund_payable + b.suspense - b.advance - b.held_by_institution


def below_minimum(cash_fen: int, minimum_fen: int) -> bool:
    """Cash is below the minimum balance; equal is enough."""
    return cash_fen < minimum_fen


def minimum_figures(cash_fen: int, minimum_fen: int) -> Figures:
    """For the sentences of `balance.below_minimum`."""
    return {"cash_fen": cash_fen, "minimum_fen": minimum_fen, "missing_fen": max(0, minimum_fen - cash_fen)}


def falls_short(cash_fen: int, bank_fen: int, required_fen: int) -> bool:
    """Cash, or what of it the bank's statements confirm, does not cover what is required; equal is enough."""
    return cash_fen < required_fen or bank_fen < required_fen


def shortfall_figures(cash_fen: int, bank_fen: int, required_fen: int) -> Figures:
    """For the sentences of `balance.shortfall`."""
    missing_fen = max(0, required_fen - min(cash_fen, bank_fen))
    return {"cash_fen": cash_fen, "bank_fen": bank_fen, "required_fen": required_fen, "missing_fen": missing_fen}
