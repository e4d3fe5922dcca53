"""Rules about refunds: steps past their clock, and offers below the quote."""

from datetime import date

from ledger.projections.alert_rules.rule import AlertRule, Figures

STEPS_ZH = {"payment": "支付", "decision": "裁决", "answer": "答复"}

REFUND_OVERDUE = AlertRule(
    id="refund.overdue",
    severity="red",
    source="refund clock",
    subject_kind="refund",
    en="The {step} of refund {refund_id} was due on {due_on}; {payable_fen} fen are agreed and not paid.",
    zh="退费{refund_id}的{step_zh}应于{due_on}前完成，已同意未支付{payable_fen}分。",
    resolved_en="The {step} of refund {refund_id} is done; {payable_fen} fen are agreed and not paid.",
    resolved_zh="退费{refund_id}的{step_zh}已完成，已同意未支付{payable_fen}分。",
)
REFUND_LOWBALL = AlertRule(
    id="refund.lowball",
    severity="yellow",
    source="institution's offer against the quote",
    subject_kind="refund",
    en="The institution offers {offered_fen} fen for refund {refund_id}, {missing_fen} fen below the quote of "
    "{quoted_fen} fen.",
    zh="机构对退费{refund_id}仅同意{offered_fen}分，低于核算金额{quoted_fen}分{missing_fen}分。",
    resolved_en="Refund {refund_id} is decided: {agreed_fen} fen of the quoted {quoted_fen} fen are agreed.",
    resolved_zh="退费{refund_id}已裁定，核算{quoted_fen}分，同意{agreed_fen}分。",
)


def overdue_figures(refund_id: str, *, step: str, due_on: date | str | int, payable_fen: int) -> Figures:
    """For the sentences of `refund.overdue`."""
    return {
        "refund_id": refund_id,
        "step": step,
        "step_zh": STEPS_ZH.get(step, step),
        "due_on": str(due_on),
        "payable_fen": payable_fen,
    }


def lowball_figures(refund_id: str, *, offered_fen: int, quoted_fen: int) -> Figures:
    """For the sentence of `refund.lowball`."""
    return {
        "refund_id": refund_id,
        "offered_fen": offered_fen,
        "quoted_fen": quoted_fen,
        "missing_fen": quoted_fen - offered_fen,
    }
