"""Refusal codes: supervision cases and inspection draws."""

CODES: dict[str, tuple[str, str]] = {
    "case_not_found": ("There is no such case.", "案件不存在。"),
    "case_exists": ("The case is open already.", "案件已立。"),
    "case_closed": ("The case is closed.", "案件已结。"),
    "case_not_closed": ("The case is open: it cannot be opened again.", "案件未结，无需重新受理。"),
    "case_not_owner": (
        "The case belongs to {owner}, which received it first: only that authority may do this.",
        "案件由首接责任单位{owner}负责到底，仅该单位可以办理。",
    ),
    "case_kind_wrong": ("This does not go with a case of kind {kind}.", "{kind}类案件不适用此操作。"),
    "case_handler_same": ("{handler} works on the case already.", "案件已由{handler}办理。"),
    "case_step_running": (
        "Step {number} ({step}) is running: it cannot begin twice.",
        "步骤{number}（{step}）正在进行，不得重复开始。",
    ),
    "case_step_not_found": ("No step {number} of the case is running.", "案件没有进行中的步骤{number}。"),
    "case_due_past": (
        "The last day {due_on} is before {today}, the day of the request.",
        "期限{due_on}早于请求日{today}。",
    ),
    "case_without_account": ("The case names no account that this could be done to.", "案件未指明账户，无法办理。"),
    "case_action_exists": ("Action {action_id} was decided already.", "处置{action_id}已作出。"),
    "case_action_not_found": (
        "No action {action_id} of the case waits for the account.",
        "案件没有等待账户执行的处置{action_id}。",
    ),
    "case_action_wrong": (
        "The action {action} does not say all that it needs, or says more.",
        "处置{action}的要素缺失或多余。",
    ),
    "case_actions_pending": (
        "Actions that the account has neither carried out nor refused: {count}.",
        "账户尚未执行或拒绝的处置：{count}项。",
    ),
    "case_not_mediated": ("No agreement of the two sides is recorded.", "没有双方达成一致的调解记录。"),
    "mediation_amount_wrong": (
        "A mediation without an agreement has no amount; {amount_fen} fen were given.",
        "调解未达成一致则无金额，实填{amount_fen}分。",
    ),
    "inspection_findings_wrong": (
        "A passed inspection has no findings, another at least one; {findings} were given.",
        "检查通过则无问题，未通过至少一项，实填{findings}项。",
    ),
    "rectification_exists": ("Rectification {item_id} was demanded already.", "整改事项{item_id}已提出。"),
    "rectification_not_found": (
        "No rectification {item_id} of the case is open.",
        "案件没有未完成的整改事项{item_id}。",
    ),
    "rectifications_open": (
        "Rectifications that were not passed yet: {count}.",
        "尚未通过复查的整改事项：{count}项。",
    ),
    "draw_not_found": ("There is no such inspection draw.", "抽查不存在。"),
    "draw_exists": ("The draw was announced already.", "抽查已公告。"),
    "draw_done": ("The draw has taken place already.", "抽查已完成。"),
    "draw_format_unknown": ("The list's format must be {format}.", "清单格式须为{format}。"),
    "draw_list_too_long": (
        "{count} institutions are more than the limit of {limit}.",
        "机构{count}家，超过上限{limit}家。",
    ),
    "draw_id_twice": ("The id {id} is in the list twice.", "清单中标识{id}重复。"),
    "draw_weight_wrong": (
        "The weight of {institution_id} is {weight}; its figures make {expected}.",
        "机构{institution_id}的权重为{weight}，按公布的数据应为{expected}。",
    ),
    "draw_too_many": (
        "{draws} of {institutions} institutions cannot be drawn.",
        "{institutions}家机构中无法抽取{draws}家。",
    ),
    "draw_inspectors_short": (
        "{needed} inspectors are needed for each institution; one of them can have {available}.",
        "每家机构需{needed}名检查人员，其中一家可用{available}名。",
    ),
    "draw_seed_unsourced": (
        "A draw needs a commitment (64 hex characters), a public source, or both.",
        "抽查须有种子承诺（64位十六进制）或公开来源，或两者兼有。",
    ),
    "draw_day_early": (
        "A draw takes place after the day of its announcement, {today}; {draw_on} was given.",
        "抽查须晚于公告日{today}，实填{draw_on}。",
    ),
    "draw_too_early": ("The draw takes place on {draw_on} or later.", "抽查不得早于{draw_on}。"),
    "draw_secret_wrong": ("The secret does not open the commitment.", "密值与承诺不符。"),
    "draw_public_value_wrong": (
        "The value of the public source is needed if one was announced, and only then.",
        "公告了公开来源时须给出其数值，否则不得给出。",
    ),
}
