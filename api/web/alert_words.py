"""What alert rules look at, as pages say it: the rule's own words, then Chinese and English."""

from typing import Final

_CHINESE: Final = {
    "minimum balance of the account": "账户最低余额",
    "families' money against cash and bank statement": "家长资金与现金、银行对账单比对",
    "reconciliation with the bank": "与银行对账",
    "demanded top-up": "补足要求",
    "contracts and receipts against the rulebook": "合同与收费对照规则",
    "cash taken and not paid in": "已收未存的现金",
    "families' reports against the rulebook": "家长反映对照规则",
    "timetable, inspections and families' reports against receipts": "课表、检查与家长反映对照收费",
    "cover, refund backlog, registry and inspections": "备付、待退费、登记与检查",
    "lessons against each other, opening hours and rooms": "课时相互之间及与营业时间、教室比对",
    "how families confirmed their lessons": "家长确认课时的方式",
    "movements of cash against the policy's share": "资金变动与规定比例比对",
    "payments and their refunds around the end of a month; registry of staff": "月末前后的缴费与退费；员工登记",
    "refund clock": "退费时限",
    "institution's offer against the quote": "机构同意金额与核算金额比对",
}
ALERT_SOURCES: Final = {source: (zh, source[0].upper() + source[1:]) for source, zh in _CHINESE.items()}
