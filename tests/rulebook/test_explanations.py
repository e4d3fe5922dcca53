"""Every event in a sentence of both languages; figures exact; arithmetic that adds up."""

import re
from datetime import UTC, date, datetime, time
from string import Formatter
from typing import Any, Literal, get_args, get_origin

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain import events as e
from ledger.domain.events import TOPICS, Event
from ledger.domain.events.alerts import AlertSubject
from ledger.rulebook.explanations.catalogue import DETAILS, SENTENCES, tell, words_of
from ledger.rulebook.explanations.wording import figure, percent, yuan
from ledger.rulebook.explanations.words import WORDS
from tests.domain.event_strategies import events

WHEN: dict[str, Any] = {
    "recorded_at": datetime(2026, 9, 1, 1, tzinfo=UTC),
    "effective_on": date(2026, 9, 1),
    "actor": "regulator:1",
    "cause": "test",
}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def told(event: Event, language: str = "en") -> list[str]:
    return [getattr(line, language) for line in tell(event)]


def test_every_topic_has_its_sentence_and_no_sentence_is_left_over() -> None:
    assert {cls.topic for cls in SENTENCES} == set(TOPICS)
    assert DETAILS.keys() <= SENTENCES.keys()


@pytest.mark.parametrize("topic", TOPICS)
def test_a_sentence_names_fields_of_its_event_alone(topic: str) -> None:
    sentence, fields = SENTENCES[TOPICS[topic]], set(TOPICS[topic].__struct_fields__)
    for text in sentence:
        assert {name for _, name, _, _ in Formatter().parse(text) if name} <= fields
    assert sentence.en.endswith(".")
    assert sentence.zh.endswith("。")
    assert CHINESE.search(sentence.zh)


@pytest.mark.parametrize("topic", TOPICS)
def test_every_word_of_an_events_lists_is_known(topic: str) -> None:
    for field in msgspec.structs.fields(TOPICS[topic]):
        for word in _words(field.type):
            assert word in WORDS, (field.name, word)


def _words(annotation: Any) -> set[str]:
    if get_origin(annotation) is Literal:
        return set(get_args(annotation))
    return {word for one in get_args(annotation) if not isinstance(one, str) for word in _words(one)}


@pytest.mark.parametrize("topic", TOPICS)
@settings(max_examples=15)
@given(data=st.data())
def test_any_event_is_told_in_both_languages(topic: str, data: st.DataObject) -> None:
    for line in tell(data.draw(events(topic))):
        assert line.en
        assert line.zh


def test_what_alerts_are_judged_by_is_told_by_name_in_both_languages() -> None:
    said = e.DetectionParametersSet(**WHEN, parameters=e.FIRST_DETECTION)
    assert told(said)[1] == "share of the balance that makes a movement large: 10 %."
    assert told(said, "zh")[1] == "大额异动占余额比例：10 %。"
    assert all(CHINESE.search(line) for line in told(said, "zh"))


def test_words_that_only_look_like_ours_stay_as_they_are() -> None:
    event = e.FundsHeld(**WHEN, hold_id="all", amount_fen=1, reason="black")
    assert told(event, "zh") == ["暂扣机构已消课款0.01 元（all）：black。"]
    assert words_of(e.AlertAcknowledged) == {"subject_kind"}
    assert set(get_args(AlertSubject)) <= WORDS.keys()


@pytest.mark.parametrize(
    ("amount_fen", "text"),
    [(0, "0.00"), (1, "0.01"), (99, "0.99"), (100, "1.00"), (123_456, "1,234.56"), (-5, "-0.05"), (2**53 - 1, None)],
)
def test_amounts_are_exact_to_the_fen(amount_fen: int, text: str | None) -> None:
    assert yuan(amount_fen) == (text or "90,071,992,547,409.91")


@given(st.integers(-(10**18), 10**18))
def test_an_amount_in_yuan_reads_back_to_the_same_fen(amount_fen: int) -> None:
    assert int(yuan(amount_fen).replace(",", "").replace(".", "")) == amount_fen


@pytest.mark.parametrize(
    ("bp", "text"), [(0, "0 %"), (1, "0.01 %"), (1_250, "12.5 %"), (2_000, "20 %"), (10_000, "100 %")]
)
def test_shares_are_exact(bp: int, text: str) -> None:
    assert percent(bp) == text
    assert figure("share_bp", bp).zh == text


def test_instants_are_told_in_the_time_of_china() -> None:
    instant = datetime(2026, 8, 31, 16, 30, tzinfo=UTC)
    assert figure("told_at", instant).zh == "2026-09-01 00:30（北京时间）"
    assert figure("opens_at", time(8, 5)).en == "08:05"


def test_long_lists_are_cut_and_counted() -> None:
    contracts = tuple(f"c{number}" for number in range(30))
    assert figure("contracts", contracts).en == "c0, c1, c2, c3, c4, c5 and 24 more"
    assert figure("contracts", contracts).zh.endswith("等30项")


def _line(package: int, refund_fen: int, **said: Any) -> e.QuoteLine:
    fields: dict[str, Any] = {
        "package": package,
        "price_fen": 600_800,
        "lessons": 40,
        "paid_fen": 600_800,
        "drawn_lessons": 17,
        "drawn_fen": 255_340,
        "refunded_fen": 0,
        "refund_fen": refund_fen,
    }
    return e.QuoteLine(**(fields | said))


def test_a_quote_shows_its_arithmetic_package_by_package() -> None:
    second = _line(2, 1_118_000, price_fen=1_118_000, lessons=80, paid_fen=1_118_000, drawn_lessons=0, drawn_fen=0)
    quote = e.RefundQuoted(
        **WHEN, refund_id="r1", basis="unconsumed", amount_fen=1_463_460, lines=(_line(1, 345_460), second)
    )
    assert told(quote) == [
        "The family is owed CNY 14,634.60 (refund r1, basis: unconsumed share).",
        "Package 1, 17 of 40 lessons drawn: CNY 6,008.00 paid - CNY 2,553.40 used - CNY 0.00 refunded before = "
        "CNY 3,454.60.",
        "Package 2, 0 of 80 lessons drawn: CNY 11,180.00 paid - CNY 0.00 used - CNY 0.00 refunded before = "
        "CNY 11,180.00.",
        "Together: CNY 3,454.60 + CNY 11,180.00 = CNY 14,634.60.",
    ]
    assert told(quote, "zh")[-1] == "合计：3,454.60 元 + 11,180.00 元 = 14,634.60 元。"


def test_a_quote_names_what_waits_and_what_an_earlier_refund_charged() -> None:
    line = _line(1, 300_000, pending_fen=15_020, refunded_fen=20_000)
    quote = e.RefundQuoted(**WHEN, refund_id="r1", basis="unconsumed", amount_fen=300_000, lines=(line,))
    assert told(quote)[1].endswith(
        "- CNY 2,553.40 used - CNY 150.20 waiting for the family's word - CNY 200.00 refunded before"
        " - CNY 104.40 charged by an earlier refund = CNY 3,000.00."
    )


def test_a_minimum_balance_shows_its_inputs_and_factors() -> None:
    inputs = {"fees_fen": 1_000_001, "months": 3, "share_bp": 2_000, "rating_bp": 5_000}
    held = e.MinimumBalanceHeld(**WHEN, amount_fen=100_001, formula="rolling_share", inputs=inputs)
    assert told(held) == [
        "No payout may leave less than CNY 1,000.01 in the account (a share of the fees of rolling months).",
        "Worked out from: fees received CNY 10,000.01, months 3, rating factor 50 %, share 20 %.",
        "CNY 10,000.01 × 20 % × 50 %, rounded up = CNY 1,000.01.",
    ]


def test_a_minimum_that_the_regulator_set_has_no_factors_to_show() -> None:
    held = e.MinimumBalanceHeld(**WHEN, amount_fen=5, formula="fixed", inputs={"fixed_fen": 5})
    assert told(held, "zh") == ["拨付后账户余额不得低于0.05 元（监管部门核定）。", "计算依据：监管部门核定 0.05 元。"]


def test_a_draw_names_its_basis_its_lines_and_their_sum() -> None:
    lines = (
        e.DrawLine(contract_id="c1", package=1, lesson=3, amount_fen=3_334),
        e.DrawLine(contract_id="c2", package=2, lesson=1, amount_fen=15_020),
    )
    drawn = e.LessonDrawn(**WHEN, lesson_id="l1", lines=lines, basis="deemed", releasable_on=date(2026, 9, 8))
    said = told(drawn)
    assert said[0] == "Lesson l1 became the institution's, deemed confirmed by silence; payable from 2026-09-08."
    assert said[2:] == [
        "Contract c1, package 1, lesson 3: CNY 33.34.",
        "Contract c2, package 2, lesson 1: CNY 150.20.",
        "Together CNY 183.54 of 2 families.",
    ]
    assert "逾期视为确认" in told(drawn, "zh")[0]


def test_a_demanded_top_up_tells_what_is_missing_and_how_its_day_was_counted() -> None:
    term = e.Term(starts_on=date(2026, 12, 30), count=3, provisional=True)
    demanded = e.TopUpDemanded(
        **WHEN, amount_fen=700, due_on=date(2027, 1, 4), minimum_fen=700, cover_fen=50, term=term
    )
    assert told(demanded, "zh") == [
        "机构应于2027-01-04前补足7.00 元，暂停拨付。",
        "距最低余额缺7.00 元，家长资金缺口0.50 元，取其大者：7.00 元。",
        "自2026-12-30次日起3个工作日；暂定，所跨年度节假日尚未公布。",
    ]


def test_an_advance_tells_its_limit() -> None:
    approved = e.AdvanceApproved(
        **WHEN,
        instruction_id="a1",
        amount_fen=100_000,
        eligible_fen=1_000_000,
        share_bp=2_000,
        cap_fen=0,
        limit_fen=200_000,
        outstanding_fen=50_000,
    )
    assert told(approved)[1:] == [
        "CNY 10,000.00 of eligible unconsumed fees × 20 % (cap: none) = limit CNY 2,000.00.",
        "Limit CNY 2,000.00 - outstanding CNY 500.00 = CNY 1,500.00 still possible before this advance.",
    ]


def test_what_a_lesson_broke_is_told_by_its_code() -> None:
    finding = e.LessonFinding(
        rule="lesson.latest_end", code="lesson_ends_late", figures={"ends_at": "20:45", "latest_end": "20:30"}
    )
    delivered = e.LessonDelivered(
        **WHEN, lesson_id="l1", course_id="k1", minutes=45, contracts=("c1",), findings=(finding,)
    )
    assert told(delivered)[1] == "The lesson ends at 20:45, after 20:30."
