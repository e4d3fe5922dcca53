"""Rules about fees: caps, notices, slips, and money that bypasses the account."""

from collections.abc import Mapping

from ledger.projections.alert_rules.rule import AlertRule, Figures

_SPLIT = {
    "charge_split": (
        "Charges for {subject} of student {student_id} in {accounts} accounts of the institution ({contracts} "
        "contracts) add up to {value} {unit}, above the cap of {limit}.",
        "学员{student_id}在该机构{accounts}个账户的{subject}收费（{contracts}份合同）合计{value}（{unit}），超过上限{limit}。",
    )
}
_CORRECTED_EN = "The charge of {subject_id} is corrected."
_CORRECTED_ZH = "{subject_id}的收费已更正。"


def _of_charge(rule: str, en: str, zh: str, ways: Mapping[str, tuple[str, str]] | None = None) -> AlertRule:
    return AlertRule(
        id=rule,
        severity="yellow",
        source="contracts and receipts against the rulebook",
        subject_kind="contract",
        en=en,
        zh=zh,
        resolved_en=_CORRECTED_EN,
        resolved_zh=_CORRECTED_ZH,
        ways=ways or {},
    )


ABOVE_NOTICE = _of_charge(
    "fee.above_notice",
    "A charge of {value} fen is above the published {limit} fen, or nothing is published.",
    "收费{value}分超过公示的{limit}分，或未公示。",
)
CAP_MONTHS = _of_charge(
    "fee.cap_months",
    "One charge spans {value} months, above the cap of {limit}.",
    "一次性收费跨度{value}个月，超过上限{limit}个月。",
    _SPLIT,
)
CAP_LESSONS = _of_charge(
    "fee.cap_lessons",
    "One charge has {value} lessons, above the cap of {limit}.",
    "一次性收费{value}课时，超过上限{limit}课时。",
    _SPLIT,
)
CAP_AMOUNT = _of_charge(
    "fee.cap_amount",
    "One charge is {value} fen, above the cap of {limit} fen.",
    "一次性收费{value}分，超过上限{limit}分。",
    _SPLIT,
)
GUIDE_PRICE = _of_charge(
    "fee.guide_price",
    "A price of {value} fen is above the guide price's {limit} fen.",
    "价格{value}分超过政府指导价{limit}分。",
)
TOO_EARLY = _of_charge(
    "fee.too_early",
    "A charge was taken before its earliest date.",
    "收费早于规定的最早时间。",
)
TRAINING_LOAN = _of_charge(
    "fee.training_loan",
    "A fee was paid out of a training loan.",
    "学费来自培训贷。",
)
UNIT_SLIP = _of_charge(
    "fee.unit_slip",
    "An amount of {value} fen is exactly 100 times, or a hundredth of, the expected {limit} fen.",
    "金额{value}分恰为应收{limit}分的100倍或百分之一。",
)
CASH_SWEEP = AlertRule(
    id="cash.sweep",
    severity="yellow",
    source="cash taken and not paid in",
    subject_kind="cash",
    en="Cash of {amount_fen} fen taken for contract {contract_id} was to be in the account by {due_on}.",
    zh="合同{contract_id}收取的现金{amount_fen}分应于{due_on}前存入监管账户。",
    resolved_en="The cash of {amount_fen} fen is in the account.",
    resolved_zh="现金{amount_fen}分已存入监管账户。",
)
CONTRACT_DEVIATION = _of_charge(
    "contract.deviation",
    "The contract deviates from the model contract.",
    "合同与示范文本不符。",
)
OFFBOOK_REVOCATION = AlertRule(
    id="offbook.revocation",
    severity="red",
    source="families' reports against the rulebook",
    subject_kind="account",
    en="Families report {amount_fen} fen paid past the supervised account ({reports} reports), above the "
    "{limit_fen} fen that cost the licence.",
    zh="家长反映账外收费合计{amount_fen}分（{reports}条线索），超过吊销许可的{limit_fen}分。",
    resolved_en="The reports of fees paid past the account are dealt with.",
    resolved_zh="账外收费线索已处理。",
)
OFF_BOOK = AlertRule(
    id="fee.off_book",
    severity="red",
    source="timetable, inspections and families' reports against receipts",
    subject_kind="account",
    dated=("offbook_share_bp", "offbook_periods"),
    en="For {periods} months to {month}, fees of {received_fen} fen came in where the timetable's seats are worth "
    "{expected_fen} fen: below {share_bp} basis points.",
    zh="截至{month}连续{periods}个月，课表座位应收{expected_fen}分，实收{received_fen}分，低于万分之{share_bp}。",
    resolved_en="In {month} fees of {received_fen} fen came in against expected {expected_fen} fen.",
    resolved_zh="{month}实收{received_fen}分，应收{expected_fen}分，已恢复正常。",
    ways={
        "head_count": (
            "An inspection counted {counted} pupils; {contracted} are under contract ({source}).",
            "检查清点学员{counted}人，签约学员仅{contracted}人（{source}）。",
        ),
        "paid_elsewhere": (
            "A family reports {amount_fen} fen paid to another account than the supervised one (report {report}).",
            "家长反映向监管账户之外支付了{amount_fen}分（线索{report}）。",
        ),
    },
)

RULE_OF_FINDING = {"fee.notice": ABOVE_NOTICE, "contract.model": CONTRACT_DEVIATION} | {
    rule.id: rule for rule in (CAP_MONTHS, CAP_LESSONS, CAP_AMOUNT, GUIDE_PRICE, TOO_EARLY, TRAINING_LOAN, UNIT_SLIP)
}
"""From the rule of the rulebook that a recorded finding names to the alert rule that it trips."""


def is_off_book(received_fen: int, expected_fen: int, share_bp: int) -> bool:
    """Whether less than `share_bp` basis points of what the timetable is worth came in; equal is enough."""
    return received_fen * 10_000 < share_bp * expected_fen


def off_book_figures(*, month: str, periods: int, received_fen: int, expected_fen: int, share_bp: int) -> Figures:
    """For the sentences of `fee.off_book`: the sums of the months below the share."""
    return {
        "month": month,
        "periods": periods,
        "received_fen": received_fen,
        "expected_fen": expected_fen,
        "share_bp": share_bp,
    }
