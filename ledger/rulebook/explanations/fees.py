"""Sentences about charges: published prices, what goes beyond a rule, amended contracts, cash, fees paid elsewhere."""

from collections.abc import Iterable, Iterator

from ledger.domain import events as e
from ledger.rulebook.explanations.wording import Teller, Told, money

SENTENCES: dict[type[e.Event], Told] = {
    e.FeeNoticePublished: Told(
        "The institution published what course {course_id} ({category}) costs: {unit_price_fen} per {period} (lessons "
        "of {minutes} minutes), from {valid_from} to {valid_until}; notice {version}.",
        "机构公示课程{course_id}（{category}）收费标准：每{period}{unit_price_fen}（每课{minutes}分钟），"
        "自{valid_from}至{valid_until}，公示{version}。",
    ),
    e.ContractAmendmentProposed: Told(
        "The institution proposes to put another contract in the place of contract {contract_id} (proposal "
        "{amendment_id}): {reason}. It waits for the family.",
        "机构提出变更合同{contract_id}（方案{amendment_id}）：{reason}。待家长确认。",
    ),
    e.ContractAmendmentDeclined: Told(
        "The family turned proposal {amendment_id} down (its reason: {reason}): contract {contract_id} goes on.",
        "家长不同意方案{amendment_id}（理由：{reason}），合同{contract_id}照常履行。",
    ),
    e.ContractAmendmentWithdrawn: Told(
        "The institution took back proposal {amendment_id} for contract {contract_id}: {reason}.",
        "机构撤回合同{contract_id}的变更方案{amendment_id}：{reason}。",
    ),
    e.ContractAmended: Told(
        "The family accepted proposal {amendment_id}: {amount_fen} that contract {contract_id} had left are in the "
        "contract that takes its place.",
        "家长确认方案{amendment_id}：合同{contract_id}的余额{amount_fen}转入替代合同。",
    ),
    e.CashTaken: Told(
        "The institution took {amount_fen} in cash for contract {contract_id} (receipt {cash_id}); to be in the "
        "account by: {due_on}.",
        "机构为合同{contract_id}收取现金{amount_fen}（收据{cash_id}），归集期限：{due_on}。",
    ),
    e.CashSwept: Told(
        "{amount_fen} of the cash of receipt {cash_id} came into the account (entry {bank_reference}); {left_fen} are "
        "still out.",
        "收据{cash_id}的现金{amount_fen}已存入监管账户（流水{bank_reference}），尚余{left_fen}未归集。",
    ),
    e.CashSweepOverdue: Told(
        "{amount_fen} of the cash of receipt {cash_id}, taken for contract {contract_id}, were to be in the account by "
        "{due_on}.",
        "合同{contract_id}的现金收据{cash_id}应于{due_on}前存入监管账户，尚有{amount_fen}未归集。",
    ),
    e.CashReportClosed: Told(
        "{amount_fen} of the cash of receipt {cash_id} do not come into the account: {reason}.",
        "收据{cash_id}的现金{amount_fen}不再归集：{reason}。",
    ),
    e.OffbookLimitExceeded: Told(
        "Families report {amount_fen} paid past the account in {reports} reports: more than the {limit_fen} that cost "
        "the licence.",
        "家长共{reports}条线索反映账外收费{amount_fen}，超过吊销许可的{limit_fen}。",
    ),
}


def told_findings(findings: Iterable[e.ChargeFinding]) -> Iterator[Told]:
    """What a charge goes beyond, each with its figures."""
    for finding in findings:
        value, limit = finding.value, finding.limit
        match finding.rule:
            case "fee.cap_months":
                yield Told(f"It spans {value} months; at most {limit}.", f"跨度{value}个月，上限{limit}个月。")
            case "fee.cap_lessons":
                yield Told(
                    f"It has {value} lessons, gifts and split contracts counted; at most {limit}.",
                    f"含赠课与拆分合同共{value}课时，上限{limit}课时。",
                )
            case "fee.cap_amount":
                yield _amounts(
                    "It comes to {}, split contracts counted; at most {}.", "含拆分合同共{}，上限{}。", finding
                )
            case "fee.notice":
                if limit == 0:
                    yield Told("No fee notice of the course was in force.", "该课程没有有效的收费公示。")
                else:
                    yield _amounts("It is {}; the published price allows {}.", "收费{}，公示价格允许{}。", finding)
            case "fee.guide_price":
                yield _amounts("It is {}; the guide price allows {}.", "收费{}，政府指导价允许{}。", finding)
            case "fee.unit_slip":
                yield _amounts(
                    "{} are exactly 100 times, or a hundredth of, the expected {}.",
                    "{}恰为应收{}的100倍或百分之一。",
                    finding,
                )
            case "fee.too_early":
                if isinstance(value, int):
                    yield Told(
                        f"{value} lessons of the running charge are left; at most {limit}.",
                        f"上期尚余{value}课时，应不多于{limit}课时。",
                    )
                else:
                    yield Told(f"It was taken on {value}, before {limit}.", f"于{value}收取，早于{limit}。")
            case "fee.training_loan":
                yield Told("It was paid out of a training loan.", "款项来自培训贷。")
            case "contract.model":
                yield Told(
                    f"It follows model contract {value}, not one of {limit}.", f"示范文本为{value}，应为{limit}之一。"
                )


def _amounts(en: str, zh: str, finding: e.ChargeFinding) -> Told:
    value, limit = (money(amount) if isinstance(amount, int) else Told(amount, amount) for amount in _both(finding))
    return Told(en.format(value.en, limit.en), zh.format(value.zh, limit.zh))


def _both(finding: e.ChargeFinding) -> tuple[int | str, int | str]:
    return finding.value, finding.limit


def _terms(event: e.ContractAmendmentProposed | e.ContractAmended) -> Iterator[Told]:
    terms = event.terms
    yield Told(
        f"Contract {terms.contract_no} for course {terms.course_id}, {terms.starts_on} to {terms.ends_on}.",
        f"合同{terms.contract_no}，课程{terms.course_id}，{terms.starts_on}至{terms.ends_on}。",
    )
    for package in terms.packages:
        price, carried = money(package.price_fen), money(package.carried_fen)
        yield Told(
            f"Package {package.number}: {price.en} for {package.paid_lessons} lessons and {package.gift_lessons} "
            f"gifts, of which {carried.en} come from package {package.from_package or 'none'}.",
            f"课包{package.number}：{price.zh}，{package.paid_lessons}课时，赠{package.gift_lessons}课时，"
            f"其中{carried.zh}转自课包{package.from_package or '无'}。",
        )


def _amended(event: e.ContractAmended) -> Iterator[Told]:
    yield from _terms(event)
    for payment in event.payments:
        amount = money(payment.amount_fen)
        yield Told(
            f"{amount.en} of payment {payment.payment_reference} go on with it; a refund goes back the same way.",
            f"缴费{payment.payment_reference}中的{amount.zh}随之转入，退费仍原路退回。",
        )
    yield from told_findings(event.findings)


DETAILS: dict[type[e.Event], Teller] = {e.ContractAmendmentProposed: _terms, e.ContractAmended: _amended}
