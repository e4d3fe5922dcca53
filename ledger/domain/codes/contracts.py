"""Refusal codes: contracts."""

CODES: dict[str, tuple[str, str]] = {
    "contract_exists": (
        "Contract {contract_id} exists already.",
        "合同{contract_id}已存在。",
    ),
    "contract_no_taken": (
        "Contract number {contract_no} is used by another contract.",
        "合同编号{contract_no}已被使用。",
    ),
    "contract_not_found": (
        "There is no open contract {contract_id} in this account.",
        "本账户没有未结束的合同{contract_id}。",
    ),
    "contract_dates_reversed": (
        "The contract ends on {ends_on}, before it starts on {starts_on}.",
        "合同结束日{ends_on}早于开始日{starts_on}。",
    ),
    "contract_without_packages": ("A contract has at least one package.", "合同至少有一个课包。"),
    "contract_packages_many": (
        "A contract has at most {limit} packages; this one has {packages}.",
        "合同最多{limit}个课包，实为{packages}个。",
    ),
    "package_numbers_wrong": ("Packages are numbered 1, 2, 3 ... in order.", "课包须从1起依次编号。"),
    "package_not_found": ("Contract {contract_id} has no package {package}.", "合同{contract_id}没有课包{package}。"),
    "package_lessons_wrong": (
        "A package has 1 to {limit} paid lessons and no negative gifts.",
        "课包付费课时须为1至{limit}，赠课不得为负。",
    ),
    "package_price_wrong": (
        "A package's paid price is 1 fen or more and not above its list price.",
        "课包实付价至少1分且不高于原价。",
    ),
    "contract_has_balance": (
        "Contract {contract_id} still holds {balance_fen} fen.",
        "合同{contract_id}仍有余额{balance_fen}分。",
    ),
    "contract_moved_lately": (
        "Contract {contract_id} last moved on {last_moved_on}; it can end after {until}.",
        "合同{contract_id}最近变动日为{last_moved_on}，须在{until}之后方可结束。",
    ),
    "contract_refund_open": (
        "Contract {contract_id} has an open refund {refund_id}; its lessons cannot be drawn.",
        "合同{contract_id}有未完结的退费{refund_id}，不得消课。",
    ),
}
