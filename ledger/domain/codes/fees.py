"""Refusal codes: charges, published prices, amended contracts, cash."""

CODES: dict[str, tuple[str, str]] = {
    "fee_cap_months": (
        "One charge may span at most {limit} months; this one spans {months}.",
        "一次性收费跨度不得超过{limit}个月，实为{months}个月。",
    ),
    "fee_cap_lessons": (
        "One charge may have at most {limit} lessons, gifts and split contracts counted; this one has {lessons}.",
        "一次性收费不得超过{limit}课时（含赠课与拆分合同），实为{lessons}课时。",
    ),
    "fee_cap_amount": (
        "One charge may be at most {limit_fen} fen, split contracts counted; this one is {amount_fen} fen.",
        "一次性收费不得超过{limit_fen}分（含拆分合同），实为{amount_fen}分。",
    ),
    "fee_not_published": (
        "A charge of {amount_fen} fen needs a fee notice of its course in force on the day.",
        "收费{amount_fen}分须有该课程当日有效的收费公示。",
    ),
    "fee_above_notice": (
        "The published price allows {limit_fen} fen, not {amount_fen} fen.",
        "公示价格允许{limit_fen}分，实为{amount_fen}分。",
    ),
    "fee_above_guide_price": (
        "The guide price with what may be taken above it allows {limit_fen} fen, not {amount_fen} fen.",
        "政府指导价（含上浮）允许{limit_fen}分，实为{amount_fen}分。",
    ),
    "fee_too_early": (
        "The charge may be taken from {earliest_on}, not on {taken_on}.",
        "该费用自{earliest_on}起方可收取，不得于{taken_on}收取。",
    ),
    "fee_lessons_left": (
        "The next charge may be taken when at most {limit} lessons are left; {lessons} are.",
        "剩余课时不多于{limit}时方可收取下期费用，尚余{lessons}课时。",
    ),
    "fee_from_loan": ("A training loan may not pay a fee.", "不得以培训贷支付学费。"),
    "fee_unit_slip": (
        "{amount_fen} fen are exactly 100 times, or a hundredth of, the expected {expected_fen} fen.",
        "{amount_fen}分恰为应收{expected_fen}分的100倍或百分之一。",
    ),
    "contract_not_model": (
        "The contract follows model contract {model_version}; it has to follow one of: {models}.",
        "合同采用的示范文本为{model_version}，应为以下之一：{models}。",
    ),
    "fee_notice_dates_wrong": (
        "A fee notice is in force from the day of its publication ({published_on}) or later, and ends no earlier than "
        "that: not {valid_from} to {valid_until}.",
        "收费公示自公示日（{published_on}）或之后生效，且不早于生效日截止，不得为{valid_from}至{valid_until}。",
    ),
    "fee_notices_many": (
        "At most {limit} courses have a fee notice at a time.",
        "最多{limit}门课程可同时有收费公示。",
    ),
    "contract_amended": (
        "Contract {contract_id} was amended into contract {new_contract_id}.",
        "合同{contract_id}已变更为合同{new_contract_id}。",
    ),
    "amendment_not_found": (
        "Contract {contract_id} has no open proposal {amendment_id}.",
        "合同{contract_id}没有待确认的变更{amendment_id}。",
    ),
    "amendment_outdated": (
        "Package {package} has {left_fen} fen left, not the {carried_fen} fen of the proposal.",
        "课包{package}尚余{left_fen}分，而变更方案为{carried_fen}分。",
    ),
    "amendment_value_lost": (
        "The new package {package} costs {price_fen} fen, less than the {carried_fen} fen that it takes over.",
        "新课包{package}价款{price_fen}分，少于转入的{carried_fen}分。",
    ),
    "amendment_of_bills": (
        "Contract {contract_id} is paid after each lesson: there is nothing to take over.",
        "合同{contract_id}为先学后付，没有可结转的费用。",
    ),
    "contract_paid_after": (
        "Contract {contract_id} is paid after each lesson, into the supervised account.",
        "合同{contract_id}为先学后付，须付至监管账户。",
    ),
    "contract_bills_open": (
        "On contract {contract_id} lessons of {billed_fen} fen are taught and not paid.",
        "合同{contract_id}尚有已授课未付款{billed_fen}分。",
    ),
    "contract_cash_out": (
        "Cash of {left_fen} fen taken for contract {contract_id} is not in the account.",
        "合同{contract_id}收取的现金{left_fen}分尚未存入监管账户。",
    ),
    "cash_reported_before": (
        "Cash receipt {cash_id} was reported before.",
        "现金收据{cash_id}已报告。",
    ),
    "cash_not_found": ("No cash of receipt {cash_id} is out.", "没有收据{cash_id}的未归集现金。"),
}
