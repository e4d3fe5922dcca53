"""Coded values as people read them: kind, code, then Chinese and English."""

from typing import Final

from api.request_context import Language

WORDS: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "role": {
        "bank": ("银行", "Bank"),
        "institution": ("机构", "Institution"),
        "parent": ("家长", "Parent"),
        "regulator": ("监管部门", "Regulator"),
        "operator": ("运维", "Operator"),
    },
    "category": {
        "academic": ("学科类", "Academic"),
        "arts": ("文化艺术", "Arts"),
        "sports": ("体育", "Sports"),
        "technology": ("科技", "Technology"),
        "other": ("其他", "Other"),
    },
    "contract": {
        "open": ("履行中", "Running"),
        "refund_open": ("退费中", "Being refunded"),
        "ended": ("已结束", "Ended"),
    },
    "lesson": {
        "pending": ("待您确认", "Waits for you"),
        "confirmed": ("已确认", "Confirmed"),
        "deemed": ("视为确认", "Deemed confirmed"),
        "disputed": ("有争议", "Disputed"),
        "ordered": ("裁定消课", "Drawn by decision"),
        "dropped": ("裁定不消课", "Dropped"),
        "withdrawn": ("机构撤回", "Withdrawn"),
        "reversed": ("已冲正", "Reversed"),
        "leave": ("请假", "Leave"),
        "pupil_absent": ("学员缺课", "Pupil absent"),
        "teacher_absent": ("教师缺课", "Teacher absent"),
    },
    "refund": {
        "requested": ("已申请", "Requested"),
        "contested": ("机构有异议", "Contested"),
        "agreed": ("已同意，待付款", "Agreed, to be sent"),
        "paying": ("银行付款中", "With the bank"),
        "paid": ("已退到账", "Paid"),
        "withdrawn": ("已撤回", "Withdrawn"),
        "returned": ("被退回，待重付", "Came back, to be sent again"),
    },
    "step": {
        "answer": ("机构答复", "The institution answers"),
        "decision": ("监管裁定", "The regulator decides"),
        "payment": ("付款", "Payment"),
    },
    "who": {
        "institution": ("机构", "the institution"),
        "regulator": ("监管部门", "the regulator"),
        "bank": ("银行", "the bank"),
        "clock": ("系统（到期自动）", "the clock"),
        "family": ("您", "you"),
    },
    "leg": {
        "pending": ("待付", "Pending"),
        "paid": ("已付", "Paid"),
        "rejected": ("被拒", "Rejected"),
        "returned": ("退回", "Returned"),
    },
    "basis": {
        "cooling_off": ("七日内全额", "Cooling-off, in full"),
        "not_started": ("未开课全额", "Not started, in full"),
        "unconsumed": ("未消课部分", "The unconsumed share"),
        "closure": ("机构停办", "Closure"),
        "relocation": ("机构搬迁", "Relocation"),
        "ordered": ("依裁定", "By order"),
    },
    "ground": {
        "own": ("自身原因", "Own reasons"),
        "relocation": ("机构搬迁", "The institution moved"),
        "closure": ("机构停办", "The institution closes"),
    },
    "instruction_kind": {
        "payout": ("拨付", "Payout"),
        "advance": ("成本预拨", "Cost advance"),
        "refund": ("退费", "Refund"),
        "suspense_return": ("退回不明款", "Return of suspense"),
        "continuity_transfer": ("转续", "Continuity transfer"),
    },
    "instruction": {
        "pending": ("待批准", "Pending"),
        "approved": ("已批准", "Approved"),
        "exported": ("已导出", "Exported"),
        "settled": ("已付", "Settled"),
        "paid": ("已付", "Paid"),
        "failed": ("未成", "Failed"),
        "rejected": ("被拒", "Rejected"),
        "returned": ("退回", "Returned"),
        "declined": ("已否决", "Declined"),
    },
    "alert_change": {
        "raised": ("触发", "Raised"),
        "acknowledged": ("知悉", "Acknowledged"),
        "assigned": ("指派", "Assigned"),
        "silenced": ("静默", "Silenced"),
        "escalated": ("上报", "Escalated"),
        "resolved": ("解除", "Resolved"),
    },
    "case_kind": {
        "complaint": ("投诉", "Complaint"),
        "clue": ("线索", "Clue"),
        "inspection": ("检查", "Inspection"),
        "refund_dispute": ("退费纠纷", "Refund dispute"),
        "order": ("清退令", "Order"),
    },
    "case_outcome": {
        "resolved": ("已解决", "Resolved"),
        "mediated": ("调解成功", "Mediated"),
        "dismissed": ("不成立", "Dismissed"),
    },
    "measure": {
        "loss_fen": ("今日停办损失", "Loss if closed today"),
        "exposure_fen": ("敞口", "Exposure"),
        "obligation_fen": ("对家长的义务", "Obligation"),
        "overdue_refunds": ("逾期退费", "Overdue refunds"),
        "overdue_steps": ("逾期环节", "Overdue steps"),
        "refund_days_bp": ("平均退费天数", "Refund days on average"),
        "deemed_bp": ("视为确认占比", "Deemed share"),
        "alerts": ("未解除预警", "Open alerts"),
        "breaks": ("对账差异", "Breaks"),
        "received_fen": ("当月收费", "Received in the month"),
    },
    "notice_period": {
        "lesson": ("每课时", "a lesson"),
        "month": ("每月", "a month"),
        "course": ("整期", "the whole course"),
    },
    "severity": {"yellow": ("黄", "Yellow"), "red": ("红", "Red")},
    "alert": {
        "raised": ("待处理", "Raised"),
        "acknowledged": ("已知悉", "Acknowledged"),
        "assigned": ("已指派", "Assigned"),
        "silenced": ("已静默", "Silenced"),
        "resolved": ("已解除", "Resolved"),
    },
    "listing": {
        "normal": ("正常", "Normal"),
        "white": ("白名单", "White list"),
        "watch": ("重点关注", "Watch list"),
        "black": ("黑名单", "Blacklist"),
    },
    "freeze": {
        "all": ("全部", "Everything"),
        "payouts": ("拨付", "Payouts"),
        "contracts": ("签约", "Contracts"),
        "lessons": ("消课", "Lessons"),
        "advances": ("预拨", "Advances"),
    },
    "bucket": {
        "cash": ("现金", "Cash"),
        "advance": ("成本预拨", "Cost advance"),
        "held_by_institution": ("机构留存", "Held by the institution"),
        "shortage": ("短款", "Shortage"),
        "in_transit": ("在途", "In transit"),
        "prepaid": ("未消课", "Prepaid"),
        "earned": ("已消课", "Earned"),
        "payout_in_flight": ("在途拨付", "Payouts in flight"),
        "refund_payable": ("应退费", "Refunds payable"),
        "reserve": ("保证金", "Reserve"),
        "suspense": ("待查", "Suspense"),
        "obligation_fen": ("对家长的义务", "Obligation"),
        "exposure_fen": ("敞口", "Exposure"),
        "loss_if_closed_today_fen": ("停办损失", "Loss if closed"),
    },
    "case_step": {
        "acceptance": ("受理", "Acceptance"),
        "investigation": ("调查", "Investigation"),
        "inspection": ("检查", "Inspection"),
        "mediation": ("调解", "Mediation"),
        "decision": ("决定", "Decision"),
    },
    "case": {
        "open": ("办理中", "Under way"),
        "closed": ("已办结", "Closed"),
    },
}


def word(language: Language, kind: str, code: str) -> str:
    """The word of a code; the code itself where none was agreed."""
    zh, en = WORDS.get(kind, {}).get(code, (code, code))
    return zh if language == "zh" else en
