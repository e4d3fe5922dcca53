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
