"""Refusal codes: lessons."""

CODES: dict[str, tuple[str, str]] = {
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
    "lesson_already_delivered": (
        "Lesson {lesson_id} was recorded on contract {contract_id} before.",
        "合同{contract_id}的课时{lesson_id}已登记。",
    ),
    "lesson_not_pending": (
        "Lesson {lesson_id} does not wait for a confirmation on contract {contract_id}.",
        "合同{contract_id}的课时{lesson_id}不在待确认状态。",
    ),
    "lesson_missed": (
        "Lesson {lesson_id} did not happen for contract {contract_id} ({why}) and is never drawn.",
        "合同{contract_id}的课时{lesson_id}未上课（{why}），不得消课。",
    ),
    "lesson_nothing_to_make_up": (
        "Contract {contract_id} missed no lesson {lesson_id}.",
        "合同{contract_id}没有缺课{lesson_id}，无需补课。",
    ),
    "lesson_made_up_before": (
        "Lesson {made_up_by} made up for lesson {lesson_id} of contract {contract_id} before.",
        "合同{contract_id}的缺课{lesson_id}已由课时{made_up_by}补课。",
    ),
    "lesson_while_suspended": (
        "Teaching is suspended on {taught_on}.",
        "{taught_on}处于停课期间。",
    ),
    "lesson_already_disputed": (
        "Lesson {lesson_id} of contract {contract_id} is disputed already.",
        "合同{contract_id}的课时{lesson_id}已有异议。",
    ),
    "lesson_not_disputed": (
        "Lesson {lesson_id} of contract {contract_id} is not disputed.",
        "合同{contract_id}的课时{lesson_id}没有异议。",
    ),
    "lesson_dispute_late": (
        "Lesson {lesson_id} of contract {contract_id} was drawn and can no longer be disputed here.",
        "合同{contract_id}的课时{lesson_id}已消课，不能再提出异议。",
    ),
    "dispute_needs_order": (
        "Only the regulator can order that the disputed lesson {lesson_id} is drawn.",
        "有异议的课时{lesson_id}只能由监管部门责令消课。",
    ),
    "leave_late": (
        "Leave from the lesson of {lesson_on} was asked on {asked_on}, after {latest_on}.",
        "{lesson_on}课时的请假于{asked_on}提出，已超过{latest_on}。",
    ),
    "leave_end_earlier": (
        "{ends_on} is not later than the contract's last day, {contract_ends_on}.",
        "{ends_on}不晚于合同到期日{contract_ends_on}。",
    ),
    "lesson_barred_day": (
        "Academic training is not allowed on {taught_on} ({kind}).",
        "{taught_on}（{kind}）不得开展学科类培训。",
    ),
    "lesson_ends_late": (
        "The lesson ends at {ends_at}, after {latest_end}.",
        "课时于{ends_at}结束，晚于{latest_end}。",
    ),
    "lesson_start_elsewhere": (
        "A lesson of {taught_on} cannot start at {starts_at}.",
        "{taught_on}的课时不可能于{starts_at}开始。",
    ),
    "lesson_start_missing": (
        "The lesson needs its start: it must end by {latest_end}.",
        "课时须注明开始时间：不得晚于{latest_end}结束。",
    ),
    "contract_lessons_open": (
        "Contract {contract_id} has lessons that wait for a confirmation or a decision.",
        "合同{contract_id}有待确认或有异议的课时。",
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
}
