"""Refusal codes: continuity transfers between institutions."""

CODES: dict[str, tuple[str, str]] = {
    "account_closing": (
        "The institution closes on {closes_on} itself: it takes no families over.",
        "机构自身将于{closes_on}停业，不得承接。",
    ),
    "continuity_self": ("An institution cannot take its own families over.", "机构不得承接自身的学员。"),
    "continuity_offered": ("Offer {offer_id} exists already.", "承接方案{offer_id}已存在。"),
    "continuity_dates_wrong": (
        "An offer is open until {until_on}, from today on, and not after its lessons end on {ends_on}.",
        "承接方案截止日{until_on}不得早于当日，且不得晚于课程结束日{ends_on}。",
    ),
    "continuity_not_open": (
        "The institution goes on: its contracts stay where they are.",
        "机构仍在正常经营，合同不作转移。",
    ),
    "continuity_too_late": (
        "Everything of contract {contract_id} is paid back or on its way.",
        "合同{contract_id}的款项已退还或已在退还途中。",
    ),
    "continuity_not_accepted": (
        "The family of contract {contract_id} has not chosen to go on there.",
        "合同{contract_id}的家长未选择该承接方案。",
    ),
    "continuity_not_offered": (
        "There is no open offer {offer_id} for families of that account.",
        "该账户的学员没有有效的承接方案{offer_id}。",
    ),
    "continuity_not_covered": (
        "{missing_fen} fen are missing for all families: nothing is moved before the wind-down has shared what is "
        "there.",
        "全体家长资金尚缺{missing_fen}分，清算分配前不得转移。",
    ),
    "continuity_nothing": (
        "Nothing of contract {contract_id} can be moved now.",
        "合同{contract_id}目前没有可转移的金额。",
    ),
    "continuity_changed": (
        "Contract {contract_id} changed while its transfer was planned: plan it anew.",
        "合同{contract_id}在办理转移时发生变动，请重新办理。",
    ),
    "transfer_not_found": ("There is no transfer {transfer_id} in this account.", "本账户没有转移{transfer_id}。"),
    "transfer_amount_differs": (
        "Transfer {transfer_id} is of {transfer_fen} fen, the receipt holds {held_fen} fen, and {amount_fen} fen are "
        "to be matched: only a receipt of exactly the transfer's amount is its money.",
        "转移{transfer_id}为{transfer_fen}分，待查款项余{held_fen}分，拟匹配{amount_fen}分，三者须相等。",
    ),
    "transfer_under_way": (
        "Transfer {transfer_id} is at the bank already.",
        "转移{transfer_id}已在银行办理中。",
    ),
}
