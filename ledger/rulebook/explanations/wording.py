"""Amounts, shares, dates and words as people read them, exactly, in both languages."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone
from string import Formatter
from typing import Any, Final

from ledger.rulebook.explanations.words import WORDS, Told

CHINA: Final = timezone(timedelta(hours=8))
_FEN: Final = 100
_MANY: Final = 6


Teller = Callable[[Any], Iterable[Told]]
"""From an event to what is to be told beside its sentence."""


def yuan(amount_fen: int) -> str:
    """An amount in yuan, to the fen: 123456 is `1,234.56`."""
    whole, fen = divmod(abs(amount_fen), _FEN)
    return f"{'-' if amount_fen < 0 else ''}{whole:,}.{fen:02d}"


def money(amount_fen: int) -> Told:
    """An amount with its unit: `CNY 1,234.56`, `1,234.56 元`."""
    return Told(f"CNY {yuan(amount_fen)}", f"{yuan(amount_fen)} 元")


def percent(basis_points: int) -> str:
    """A share: 2000 is `20 %`, 1250 is `12.5 %`."""
    whole, rest = divmod(basis_points, _FEN)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + " %"


def word(text: str) -> Told:
    """A word of the domain's own lists; any other text is itself in both languages."""
    return WORDS.get(text, Told(text, text))


def figure(name: str, value: Any) -> Told:
    """A value as its name says: `_fen` amounts, `_bp` shares, days, instants, lists; text stays as it is."""
    match value:
        case None | "" | () | []:
            return Told("none", "无")
        case bool():
            return Told("yes", "是") if value else Told("no", "否")
        case int():
            if name.endswith("_fen"):
                return money(value)
            text = percent(value) if name.endswith("_bp") else str(value)
            return Told(text, text)
        case datetime():
            text = value.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
            return Told(f"{text} (China time)", f"{text}（北京时间）")
        case date():
            return Told(value.isoformat(), value.isoformat())
        case time():
            text = value.strftime("%H:%M")
            return Told(text, text)
        case str():
            return Told(value, value)
        case tuple() | list():
            return _list(name, value)  # pyright: ignore[reportUnknownArgumentType]
        case dict():
            return figures(value)  # pyright: ignore[reportUnknownArgumentType]
        case _:
            raise AssertionError(f"{name} is no figure: {type(value).__name__}")


def figures(values: Mapping[str, Any]) -> Told:
    """Named figures on one line, in the order of their names."""
    told = [(name, figure(name, values[name])) for name in sorted(values)]
    return Told(
        ", ".join(f"{_named(name).en} {value.en}" for name, value in told) or "none",
        "，".join(f"{_named(name).zh} {value.zh}" for name, value in told) or "无",
    )


def fill(template: Told, fields: Mapping[str, Any], words: frozenset[str] = frozenset()) -> Told:
    """A sentence with each `{name}` of either language replaced by that field: a word if named in `words`, a figure."""
    names = {name for text in template for _, name, _, _ in Formatter().parse(text) if name}
    told = {name: _field(name, fields[name], words) for name in names}
    return Told(
        template.en.format_map({name: value.en for name, value in told.items()}),
        template.zh.format_map({name: value.zh for name, value in told.items()}),
    )


def _field(name: str, value: Any, words: frozenset[str]) -> Told:
    return word(value) if name in words and isinstance(value, str) else figure(name, value)


def _list(name: str, values: Sequence[Any]) -> Told:
    told = [figure(name, value) for value in values[:_MANY]]
    more = len(values) - len(told)
    return Told(
        ", ".join(value.en for value in told) + (f" and {more} more" if more else ""),
        "、".join(value.zh for value in told) + (f"等{len(values)}项" if more else ""),
    )


def _named(name: str) -> Told:
    """A figure's own name in words: without its unit, which the value carries."""
    plain = name.removesuffix("_fen").removesuffix("_bp")
    return WORDS.get(plain, Told(plain.replace("_", " "), plain.replace("_", " ")))
