"""Refusal codes: closures, wind-downs, distributions."""

CODES: dict[str, tuple[str, str]] = {
    "closure_notified": (
        "The institution's closure on {closes_on} is notified already.",
        "机构已告知将于{closes_on}停业。",
    ),
    "closure_notice_short": (
        "A closure is notified {months} month(s) ahead: {closes_on} is before {earliest_on}.",
        "停业须提前{months}个月告知：{closes_on}早于{earliest_on}。",
    ),
    "contract_after_closure": (
        "The contract ends on {ends_on}, after the institution's closure on {closes_on}.",
        "合同结束日{ends_on}晚于机构停业日{closes_on}。",
    ),
    "account_winding_down": (
        "The institution is being wound up since {since}: this is not possible any more.",
        "机构自{since}起清算，不得再办理该业务。",
    ),
    "wind_down_not_found": (
        "The institution gave no notice of a closure and is not being wound up.",
        "机构未告知停业，也未进入清算。",
    ),
    "account_not_winding_down": ("The institution is not being wound up.", "机构未进入清算。"),
    "wind_down_unsettled": (
        "The wind-down has steps to go on with first: lessons, claims or pages of a distribution.",
        "清算尚有课时、债权登记或分配批次未处理完毕。",
    ),
    "distribution_nothing": (
        "There is nothing to share: {available_fen} fen are available, and claims lack {uncovered_fen} fen.",
        "无可分配：可用{available_fen}分，未足额债权{uncovered_fen}分。",
    ),
    "families_not_whole": (
        "Families are still owed {owed_fen} fen: nothing goes to the institution before.",
        "家长尚有{owed_fen}分未退清，此前不得向机构付款。",
    ),
    "wind_down_unfinished": (
        "The wind-down is not done: {in_flight_fen} fen are at banks, {waiting_fen} fen were given and not paid, "
        "{available_fen} fen could be shared among claims, {suspense_fen} fen are in suspense.",
        "清算未完成：银行在途{in_flight_fen}分，已分配未付{waiting_fen}分，尚可分配{available_fen}分，"
        "待查{suspense_fen}分。",
    ),
    "wind_down_closed": (
        "The wind-down was closed on {closed_on}.",
        "清算已于{closed_on}结束。",
    ),
}
