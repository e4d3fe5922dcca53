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
