"""The catalogue of refusal codes: code -> (English sentence, Chinese sentence). Codes are never renamed or reused."""

CODES: dict[str, tuple[str, str]] = {
    # money and requests
    "amount_not_positive": (
        "The amount must be at least 1 fen; it is {amount_fen}.",
        "金额必须至少为1分，实为{amount_fen}分。",
    ),
    "amount_too_large": (
        "The amount {amount_fen} fen is above the limit of {limit_fen} fen.",
        "金额{amount_fen}分超过上限{limit_fen}分。",
    ),
    "total_too_large": (
        "The total would be {total_fen} fen, above the limit of {limit_fen} fen.",
        "合计将为{total_fen}分，超过上限{limit_fen}分。",
    ),
    "reference_malformed": (
        "The {field} must be 1 to {limit} printable characters without spaces at its ends.",
        "{field}须为1至{limit}个可见字符，首尾不得有空格。",
    ),
    "idempotency_key_reused": ("This idempotency key was used for another request.", "该幂等键已用于另一请求。"),
    "idempotency_key_missing": ("An Idempotency-Key header is required.", "缺少 Idempotency-Key 请求头。"),
    "idempotency_key_malformed": (
        "The Idempotency-Key must be 1 to 128 printable ASCII characters.",
        "Idempotency-Key 须为1至128个可见ASCII字符。",
    ),
    "version_mismatch": (
        "The account is at version {version}, not at {expected}.",
        "账户当前版本为{version}，而非{expected}。",
    ),
    "date_in_future": ("The date {date} is after the day {today} of the request.", "日期{date}晚于请求日{today}。"),
    "date_too_early": (
        "The date {date} is before {earliest}, the first day of any account.",
        "日期{date}早于{earliest}，任何账户不得早于该日。",
    ),
    "not_found": ("There is no such {kind}.", "未找到该{kind}。"),
    # service
    "queue_full": (
        "The ledger is busy: {waiting} commands are waiting. Try again shortly.",
        "账本繁忙：{waiting}条指令正在等待，请稍后重试。",
    ),
    "ledger_stopping": ("The ledger is shutting down; the command was not recorded.", "账本正在停止，指令未被记录。"),
    "outcome_unknown": (
        "The database did not say whether the command was recorded; repeat it with the same key.",
        "数据库未答复指令是否已记录，请用同一幂等键重试。",
    ),
    "projection_behind": (
        "The view is at position {position} of partition {partition}, not yet at {wanted}.",
        "视图在分区{partition}的位置为{position}，尚未到{wanted}。",
    ),
    "position_not_recorded": (
        "Partition {partition} has {recorded} events; there is no position {wanted} yet.",
        "分区{partition}共有{recorded}个事件，尚无位置{wanted}。",
    ),
    "instant_in_future": ("The instant {instant} has not come yet.", "时刻{instant}尚未到来。"),
    "store_partitions_differ": (
        "The store was made with {stored} partitions, not {asked}.",
        "存储建立时分区数为{stored}，而非{asked}。",
    ),
    # account
    "account_not_found": ("There is no such account.", "账户不存在。"),
    "account_exists": ("The account is open already.", "账户已开立。"),
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
    # contracts
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
    # money in
    "bank_mismatch": ("The account is held at another bank.", "该账户不在本银行。"),
    "entry_reused": (
        "The bank reference {bank_reference} was posted before with other content.",
        "银行流水号{bank_reference}已入账且内容不同。",
    ),
    "entry_duplicate_in_batch": (
        "The bank reference {bank_reference} stands twice in this batch.",
        "银行流水号{bank_reference}在本批中重复。",
    ),
    "suspense_exists": ("Suspense item {suspense_id} is open already.", "待查款项{suspense_id}已存在。"),
    "suspense_not_found": ("There is no open suspense item {suspense_id}.", "没有待查款项{suspense_id}。"),
    "suspense_return_pending": (
        "The return of suspense item {suspense_id} is under way.",
        "待查款项{suspense_id}正在退回。",
    ),
    "suspense_too_small": (
        "The suspense item holds {held_fen} fen, less than {amount_fen} fen.",
        "待查款项余{held_fen}分，少于{amount_fen}分。",
    ),
    "contract_overpaid": (
        "Only {due_fen} fen are due on the contract, not {amount_fen} fen.",
        "合同仅应付{due_fen}分，而非{amount_fen}分。",
    ),
    "reserve_too_small": (
        "The reserve is {reserve_fen} fen, less than {amount_fen} fen.",
        "准备金为{reserve_fen}分，少于{amount_fen}分。",
    ),
    # lessons
    "lesson_without_students": ("A lesson names at least one contract.", "课时须至少有一份合同。"),
    "lesson_students_many": ("A lesson names at most {limit} contracts.", "一节课最多{limit}份合同。"),
    "lesson_contract_twice": (
        "Contract {contract_id} stands twice in the lesson.",
        "合同{contract_id}在本节课中重复。",
    ),
    "lesson_already_drawn": (
        "Lesson {lesson_id} was drawn on contract {contract_id} before.",
        "合同{contract_id}的课时{lesson_id}已消课。",
    ),
    "lesson_not_drawn": (
        "Lesson {lesson_id} is not drawn on contract {contract_id}.",
        "合同{contract_id}的课时{lesson_id}未消课。",
    ),
    "lesson_none_left": ("Contract {contract_id} has no lessons left.", "合同{contract_id}已无剩余课时。"),
    "lesson_not_paid": (
        "The lesson costs {amount_fen} fen; contract {contract_id} holds {balance_fen} fen for it.",
        "本课时{amount_fen}分，合同{contract_id}余额{balance_fen}分不足。",
    ),
    "lesson_outside_contract": (
        "The lesson of {taught_on} is outside contract {contract_id}, {starts_on} to {ends_on}.",
        "{taught_on}的课时不在合同{contract_id}期间（{starts_on}至{ends_on}）内。",
    ),
    # payouts and instructions
    "payout_not_free": (
        "{amount_fen} fen were asked; {free_fen} fen are free for payout.",
        "申请拨付{amount_fen}分，可拨付{free_fen}分。",
    ),
    "payout_backdated": (
        "A payout is asked for on the day itself, {today}, not for {date}.",
        "拨付申请日须为当日{today}，不得为{date}。",
    ),
    "instruction_exists": ("Instruction {instruction_id} exists already.", "指令{instruction_id}已存在。"),
    "instruction_not_found": (
        "There is no instruction {instruction_id} waiting for the bank.",
        "没有待处理的指令{instruction_id}。",
    ),
    "instruction_amount_differs": (
        "The instruction is for {amount_fen} fen, not {settled_fen} fen.",
        "指令金额为{amount_fen}分，而非{settled_fen}分。",
    ),
    "instruction_outcome_wrong": (
        "An instruction of kind {kind} in state {state} cannot become {outcome}.",
        "{kind}指令当前为{state}，不能变为{outcome}。",
    ),
    # refunds
    "refund_exists": ("Refund {refund_id} exists already.", "退费{refund_id}已存在。"),
    "refund_open": (
        "Contract {contract_id} has an open refund {refund_id}.",
        "合同{contract_id}已有未完结的退费{refund_id}。",
    ),
    "refund_not_found": ("There is no refund {refund_id} in this account.", "本账户没有退费{refund_id}。"),
    "refund_nothing_left": ("Contract {contract_id} has nothing left to refund.", "合同{contract_id}没有可退金额。"),
    "refund_not_waiting": (
        "Refund {refund_id} is {state}: it does not wait for this step.",
        "退费{refund_id}状态为{state}，不在该步骤。",
    ),
    "refund_offer_wrong": (
        "The offer of {offered_fen} fen must be below the quote of {quoted_fen} fen.",
        "异议金额{offered_fen}分须低于核算金额{quoted_fen}分。",
    ),
    "cash_short": (
        "{amount_fen} fen are to be paid; only {cash_fen} fen of cash are not promised already.",
        "应付{amount_fen}分，未占用现金仅{cash_fen}分。",
    ),
    "refund_above_unconsumed": (
        "{amount_fen} fen exceed the unconsumed {unconsumed_fen} fen.",
        "{amount_fen}分超过未消课金额{unconsumed_fen}分。",
    ),
    # holds
    "hold_exists": ("Hold {hold_id} exists already.", "暂扣{hold_id}已存在。"),
    "hold_not_found": ("There is no hold {hold_id}.", "没有暂扣{hold_id}。"),
    # bank truth
    "debit_restored_too_much": (
        "The shortage is {shortage_fen} fen, less than {amount_fen} fen.",
        "短缺为{shortage_fen}分，少于{amount_fen}分。",
    ),
    "debit_above_cash": (
        "The account holds {cash_fen} fen, less than {amount_fen} fen.",
        "账户现金{cash_fen}分，少于{amount_fen}分。",
    ),
    # machine clients
    "client_id_malformed": (
        "A client id is 1 to 64 letters, digits, dots, underscores or hyphens.",
        "客户端标识须为1至64个字母、数字、点、下划线或连字符。",
    ),
    "client_exists": ("Client {client_id} exists already.", "客户端{client_id}已存在。"),
    "client_not_found": ("There is no client {client_id}.", "没有客户端{client_id}。"),
    "client_scope_not_allowed": (
        "The role {role} cannot hold the permission {scope}.",
        "角色{role}不能拥有权限{scope}。",
    ),
    "client_bindings_wrong": (
        "A bank is bound to one bank code, an institution, parent, regulator to ids of its kind, an operator to none.",
        "银行须绑定一个银行代码，机构、家长、监管方须绑定各自的标识，运维不绑定。",
    ),
    "client_key_wrong": (
        "The key set must hold 1 to 8 public keys, Ed25519, P-256 or RSA of 2048 bits, with distinct key ids.",
        "密钥集须含1至8个公钥（Ed25519、P-256或2048位RSA），且kid互不相同。",
    ),
}
