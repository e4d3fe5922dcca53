"""Every event class: balanced postings, a declared effect, and stored bytes that read as they were written."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from eventsourcing.persistence import MapperDeserialisationError
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.events import TOPICS, BankEntryEvent, DrawLine, DrawReversed, Event, FeePaid, PackageAmount
from ledger.domain.evolution import EVOLUTION
from ledger.domain.postings import BUCKETS, POSTINGS, imbalance, postings
from ledger.domain.upcasts import UPCASTS
from ledger.storage.mapper import decode_event, encode_event
from tests.domain.event_strategies import events

MOVE_MONEY = {
    "account.opening_balance_imported",
    "account.fee_paid",
    "account.contract_amended",
    "account.deposit_held_in_suspense",
    "account.suspense_matched",
    "account.suspense_returned",
    "account.reserve_deposited",
    "account.reserve_released",
    "account.lesson_drawn",
    "account.draw_reversed",
    "account.advance_instructed",
    "account.advance_paid",
    "account.advance_failed",
    "account.advance_recouped",
    "account.fee_kept_by_institution",
    "account.kept_fees_consumed",
    "account.refund_paid_by_institution",
    "account.reserve_drawn",
    "account.payout_instructed",
    "account.payout_settled",
    "account.payout_failed",
    "account.refund_agreed",
    "account.refund_paid",
    "account.refund_returned",
    "account.unexplained_debit_recorded",
    "account.unexplained_debit_restored",
    "account.claim_allocated",
    "account.continuity_transferred",
    "account.continuity_received",
    "account.continuity_arrived",
    "account.continuity_matched",
    "account.transfer_settled",
    "account.transfer_returned",
}
CHANGE_BUCKETS_ALONE = {
    "account.reserve_deposited",
    "account.advance_approved",
    "account.unexplained_debit_restored",
}
KEPT_FOR_VIEWS_ALONE = {
    *(topic for topic in TOPICS if topic.startswith("account.alert_")),
    "account.institution_fact_recorded",
    "account.instruction_declined",
    "account.offbook_limit_exceeded",
    "account.premises_recorded",
    "account.timetable_recorded",
    "case.assigned",
    "case.inspection_recorded",
    "case.noted",
}


@pytest.mark.parametrize("topic", TOPICS)
@settings(max_examples=25)
@given(data=st.data())
def test_every_event_is_balanced_and_reads_as_it_was_written(topic: str, data: st.DataObject) -> None:
    event = data.draw(events(topic))
    moved = postings(event)
    assert imbalance(moved) == 0
    assert all(posting.bucket in BUCKETS for posting in moved)
    state = encode_event(event)
    assert decode_event(topic, state) == decode_event(topic, state.decode()) == event
    assert encode_event(decode_event(topic, state)) == state


def _named(table: dict[type[Event], Any]) -> set[str]:
    """Topics whose entry is their own, not the table's declared default."""
    default = table[TOPICS["account.opened"]] if table is POSTINGS else table[TOPICS["account.reserve_deposited"]]
    return {cls.topic for cls, effect in table.items() if effect is not default}


def test_postings_and_evolution_name_every_topic() -> None:
    assert set(POSTINGS) == set(EVOLUTION) == set(TOPICS.values())
    assert _named(POSTINGS) == MOVE_MONEY
    assert _named(EVOLUTION) == set(TOPICS) - CHANGE_BUCKETS_ALONE - KEPT_FOR_VIEWS_ALONE


def test_topics_are_stable_names_of_their_classes() -> None:
    for topic, cls in TOPICS.items():
        words = "".join("_" + c.lower() if c.isupper() else c for c in cls.__name__).lstrip("_")
        group, _, name = topic.partition(".")
        assert group in ("account", "case", "inspection")
        assert name == words.removeprefix(f"{group}_")


def test_postings_name_their_owners() -> None:
    line = DrawLine(contract_id="c1", package=1, lesson=1, amount_fen=70)
    event = DrawReversed(
        recorded_at=datetime(2025, 3, 3, tzinfo=UTC),
        effective_on=date(2025, 3, 3),
        actor="school",
        cause="correct_lesson",
        lesson_id="l1",
        lines=(line,),
        from_earned_fen=50,
        from_advance_fen=20,
        reason="absent",
    )
    assert [tuple(p) for p in postings(event)] == [("prepaid", "c1", 70), ("earned", "", -50), ("advance", "", 20)]
    unbalanced = msgspec.structs.replace(event, from_advance_fen=21)
    assert imbalance(postings(unbalanced)) == 1


FEE_PAID_1: dict[str, Any] = {
    "recorded_at": "2025-03-03T01:02:03Z",
    "effective_on": "2025-03-03",
    "actor": "bank:icbc",
    "cause": "post_deposit",
    "bank": "ICBC",
    "bank_reference": "r1",
    "digest": "d",
    "contract_id": "c1",
    "amount_fen": 500,
    "payer_route": "route-1",
}


@pytest.mark.parametrize("version", [{}, {"class_version": 1}])
def test_a_fee_of_the_first_version_paid_the_first_package(version: dict[str, int]) -> None:
    event = decode_event(FeePaid.topic, msgspec.json.encode(version | FEE_PAID_1))
    assert isinstance(event, FeePaid)
    assert event.lines == (PackageAmount(package=1, amount_fen=500),)
    assert (event.recorded_at, event.amount_fen) == (datetime(2025, 3, 3, 1, 2, 3, tzinfo=UTC), 500)
    assert encode_event(event).startswith(b'{"class_version":2,')
    assert decode_event(FeePaid.topic, encode_event(event)) == event


def test_every_earlier_version_has_its_upcast() -> None:
    expected = {(topic, version) for topic, cls in TOPICS.items() for version in range(1, cls.class_version)}
    assert set(UPCASTS) == expected


@pytest.mark.parametrize(
    ("topic", "state"),
    [
        ("account.unknown", b"{}"),
        ("account.fee_paid", b"{}"),
        ("account.fee_paid", b'{"class_version":3}'),
        ("account.fee_paid", b"not json"),
        ("account.payout_settled", b'{"amount_fen":"1"}'),
        ("account.payout_settled", b""),
    ],
)
def test_what_cannot_be_read_says_so(topic: str, state: bytes) -> None:
    with pytest.raises(MapperDeserialisationError):
        decode_event(topic, state)


@pytest.mark.parametrize("amount", ["1.5", '"500"', "true", "null"])
def test_stored_amounts_are_integers(amount: str) -> None:
    for version in (1, 2):
        payload = FEE_PAID_1 | {"class_version": version, "lines": [{"package": 1, "amount_fen": 500}]}
        state = msgspec.json.encode(payload).replace(
            b'"amount_fen":500,"payer', f'"amount_fen":{amount},"payer'.encode()
        )
        with pytest.raises(MapperDeserialisationError):
            decode_event(FeePaid.topic, state)


@pytest.mark.parametrize("cls", [cls for cls in TOPICS.values() if issubclass(cls, BankEntryEvent)])
@given(data=st.data())
@settings(max_examples=20)
def test_an_entry_moves_the_cash_in_its_direction(cls: type[BankEntryEvent], data: st.DataObject) -> None:
    event = data.draw(events(cls.topic))
    cash_fen = sum(posting.amount_fen for posting in postings(event) if posting.bucket == "cash")
    assert (cash_fen > 0) == cls.credit
    assert cash_fen != 0
