"""Refusal codes: payouts and instructions."""

CODES: dict[str, tuple[str, str]] = {
    "payout_not_free": (
        "{amount_fen} fen were asked; {free_fen} fen are free for payout.",
        "申请拨付{amount_fen}分，可拨付{free_fen}分。",
    ),
    "payout_backdated": (
        "A payout is asked for on the day itself, {today}, not for {date}.",
        "拨付申请日须为当日{today}，不得为{date}。",
    ),
    "payout_scheduled": (
        "Payouts follow the schedule ({schedule}): the daily close makes them when they are due.",
        "拨付按规定周期（{schedule}）由日终处理自动发起，不得另行申请。",
    ),
    "payout_above_month": (
        "{amount_fen} fen were asked; of this month's limit of {limit_fen} fen, {left_fen} fen are left.",
        "申请{amount_fen}分，本月限额{limit_fen}分，尚余{left_fen}分。",
    ),
    "payout_not_announced": (
        "{amount_fen} fen are a large withdrawal (above {large_fen} fen), to be announced {days} working days ahead.",
        "{amount_fen}分属于大额支取（超过{large_fen}分），须提前{days}个工作日报告。",
    ),
    "payout_notice_not_needed": (
        "The policy asks for no notice of large withdrawals.",
        "现行政策不要求大额支取提前报告。",
    ),
    "top_up_missing": (
        "{missing_fen} fen are missing and must be topped up first.",
        "账户不足{missing_fen}分，须先行补足。",
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
}
