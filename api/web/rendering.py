"""Templates to HTML: escaping always on, sentences in both languages side by side, amounts as people read them."""

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from api.request_context import Language
from api.web.lessons_left import lessons_left
from api.web.words import word
from ledger.domain.actors import CLOCK, read_actor

_NAME: Final = re.compile(r"[a-z_]+")
_CHINA: Final = ZoneInfo("Asia/Shanghai")
STATIC: Final = files("api.web").joinpath("static")
_UNITS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]] = (
    (re.compile(r"(-?\b[0-9]+) fen\b"), lambda found: f"CNY {yuan(int(found[1]))}"),
    (re.compile(r"(-?[0-9]+)分(?!钟|之|区)"), lambda found: f"{yuan(int(found[1]))}元"),
    (re.compile(r"\b([0-9]+) basis points\b"), lambda found: percent(int(found[1]))),
    (re.compile(r"万分之([0-9]+)"), lambda found: percent(int(found[1]))),
)


def yuan(amount_fen: int) -> str:
    """Fen as yuan: `12,345.67`, exact."""
    sign, whole = ("-" if amount_fen < 0 else ""), abs(amount_fen)
    return f"{sign}{whole // 100:,}.{whole % 100:02}"


def in_yuan(sentence: str) -> str:
    """A sentence of the ledger, which counts in fen and basis points, with amounts and shares as pages show them."""
    for pattern, shown in _UNITS:
        sentence = pattern.sub(shown, sentence)
    return sentence


def instant(at: datetime) -> str:
    """An instant in China's time, to the second."""
    return at.astimezone(_CHINA).strftime("%Y-%m-%d %H:%M:%S")


def clock_time(at: datetime) -> str:
    """The time of day in China, to the minute."""
    return at.astimezone(_CHINA).strftime("%H:%M")


def day(on: date | None) -> str:
    """A date; a dash for none."""
    return "—" if on is None else on.isoformat()


def per_ten_thousand(value: int | None) -> str:
    """Ten-thousandths as a number with two decimals, exact; a dash for none."""
    return "—" if value is None else f"{value // 10_000}.{value % 10_000 // 100:02}"


def percent(value: int | None) -> str:
    """Basis points as per cent, exact; a dash for none."""
    return "—" if value is None else f"{value // 100}.{value % 100:02}%"


@cache
def static_url(name: str) -> str:
    """Where a static file is served; another content has another address, so browsers may keep it for ever."""
    digest = hashlib.sha256(STATIC.joinpath(name).read_bytes()).hexdigest()[:12]
    return f"/static/{digest}/{name}"


def render(template: str, language: Language, values: Mapping[str, Any]) -> str:
    """The page. Raises jinja2.UndefinedError for a value that is not given: a missing figure is no empty one."""
    return _environment().get_template(template).render(lang=language, **values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("api.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"yuan": yuan, "instant": instant, "clock_time": clock_time, "day": day} | {
        "per_ten_thousand": per_ten_thousand,
        "percent": percent,
        "in_yuan": in_yuan,
    }
    cast(dict[str, Any], environment.filters).update(formula=_formula, lessons_left=lessons_left)
    cast(dict[str, Any], environment.globals).update(t=_told, word=_word, who=_who, static=static_url)
    return environment


@pass_context
def _told(context: Context, zh: str, en: str, **figures: object) -> str:
    sentence = zh if context["lang"] == "zh" else en
    return sentence.format(**figures) if figures else sentence


@pass_context
def _who(context: Context, actor: str) -> str:
    """Who did something, as a reader knows them: the role in words with the person's id, or the client's."""
    role, client, person = read_actor(actor)
    if role == CLOCK:
        return word(context["lang"], "who", CLOCK)
    return f"{word(context['lang'], 'role', role)} {person or client}"


@pass_context
def _word(context: Context, kind: str, code: str) -> str:
    return word(context["lang"], kind, code)


@pass_context
def _formula(context: Context, told: str) -> str:
    """A formula over a quote's terms, with the words that the page has for them."""
    return _NAME.sub(lambda name: word(context["lang"], "term", name[0]), told).replace(" - ", " − ")
