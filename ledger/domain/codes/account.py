"""Refusal codes: account."""

CODES: dict[str, tuple[str, str]] = {
    "account_not_found": ("There is no such account.", "账户不存在。"),
    "account_exists": ("The account is open already.", "账户已开立。"),
    "id_taken": ("The id belongs to a record of another kind.", "该编号已属于另一类记录。"),
    "account_no_taken": (
        "Account number {account_no} at bank {bank} is open already under another account.",
        "{bank}银行账号{account_no}已用于另一账户。",
    ),
    "bank_code_malformed": (
        "A bank code is 2 to 20 capital letters and digits.",
        "银行代码须为2至20个大写字母或数字。",
    ),
    "account_frozen": ("The account is frozen for {scope}.", "账户已冻结（{scope}）。"),
    "account_not_frozen": ("The account is not frozen for {scope}.", "账户未冻结（{scope}）。"),
    "account_blacklisted": (
        "The institution is on the blacklist: no new contracts and no new fees.",
        "机构已列入黑名单，不得新签合同，不得新收学费。",
    ),
    "policy_unknown": ("There is no policy pack {pack}.", "没有政策包{pack}。"),
    "opening_balance_late": (
        "An opening balance comes before any other movement; the account has {movements}.",
        "期初余额须先于任何变动导入，账户已有{movements}笔变动。",
    ),
    "opening_balance_unbalanced": (
        "Cash {cash_fen} fen differs from earned, reserve and suspense together, {sum_fen} fen.",
        "现金{cash_fen}分与已消课、准备金和待查合计{sum_fen}分不符。",
    ),
}
