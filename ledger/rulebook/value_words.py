"""A rule's value, its dating and its certainty as people read them."""

from typing import Any, Final

from ledger.rulebook.dated_value import DatedValue
from ledger.rulebook.explanations.wording import figures, money, percent, word
from ledger.rulebook.explanations.words import Told
from ledger.rulebook.pack_file import Certainty, Dating

CERTAINTY: Final[dict[Certainty, Told]] = {
    "V": Told("read in a public source", "见于公开来源"),
    "C": Told("a consultation draft", "征求意见稿"),
    "D": Told("our own default, not law", "本项目默认值，非法律规定"),
}
DATING: Final[dict[Dating, Told]] = {
    "in_force": Told("the day it came into force", "生效日"),
    "document": Told("the day of the document", "文件日期"),
    "year": Told("only the document's year is known", "仅知文件年份"),
    "assumed": Told("assumed, since no day is known", "日期未知，系推定"),
}
_COUNTED: Final = {
    "count": Told("", ""),
    "days": Told(" days", "日"),
    "lessons": Told(" lessons", "课时"),
    "minutes": Told(" minutes", "分钟"),
    "months": Told(" months", "个月"),
    "periods": Told(" periods", "期"),
    "seconds": Told(" seconds", "秒"),
    "times": Told(" times", "倍"),
    "working_days": Told(" working days", "个工作日"),
}
_PARTS: Final = {
    "months": Told("by time", "按时间"),
    "lessons": Told("by lessons", "按课时"),
    "price": Told("price", "价格"),
    "ceiling": Told("ceiling above it", "上浮不超过"),
    "standard_lesson": Told("standard lesson", "标准课时"),
    "share": Told("share", "比例"),
    "periods": Told("for", "连续"),
    "cap": Told("cap", "上限"),
    "schedule": Told("schedule", "周期"),
    "within": Told("within", "期限"),
    "confirmation": Told("lessons", "方式"),
    "silence": Told("silence", "逾期"),
    "days": Told("within", "期间"),
    "quick": Told("quick confirmation", "速确认"),
    "least": Told("least draws", "最少消课数"),
    "families": Told("families of one device", "同一设备家长数"),
    "due": Told("due within", "期限"),
    "cover": Told("families' money too", "含家长资金缺口"),
}


def value_in_words(value: DatedValue) -> Told:
    """The value with its units: `3 months`, `20 %`, `lessons confirmed by the family, silence 15 working days`."""
    told = [(_PARTS.get(name), _part(value.units[name], part)) for name, part in value.parts.items()]
    return Told(
        ", ".join(text.en if name is None else f"{name.en} {text.en}" for name, text in told),
        "，".join(text.zh if name is None else f"{name.zh} {text.zh}" for name, text in told),
    )


def _part(unit: str, value: Any) -> Told:
    match unit:
        case "basis_points":
            return Told(percent(value), percent(value))
        case "fen":
            return money(value)
        case "switch":
            return Told("yes", "是") if value else Told("no", "否")
        case "choice":
            return word(value)
        case "choices":
            words = [word(one) for one in value] or [Told("none", "无")]
            return Told(", ".join(one.en for one in words), "、".join(one.zh for one in words))
        case "names":
            names = ", ".join(value)
            return Told(names or "none", names or "无")
        case "by_name":
            return figures({f"{name}_bp": share for name, share in value.items()})
        case "points":
            return figures(value)
        case "time":
            return Told(value, value)
        case _:
            name = _COUNTED[unit]
            return Told(f"{value}{name.en}", f"{value}{name.zh}")
