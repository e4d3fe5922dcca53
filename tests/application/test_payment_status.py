"""Banks' status reports on messages: each order its own result; the same again changes nothing."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest

from ledger.application.payment_content import MessageContent, write_message
from ledger.application.payment_messages import make_message
from ledger.application.payment_status import OrderResult, StatusResult, import_status
from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.errors import LedgerError
from ledger.storage.requests import Outcome
from tests.application.payment_books import BANK, DAY, Books, account_of, books_over, caller
from tests.bank.files.pain import payment, report, transaction

pytestmark = pytest.mark.anyio
mock_messages: Any = import_module("mockbank.messages")
mock_accounts: Any = import_module("mockbank.accounts")
CREATED = f"{DAY.isoformat()}T15:00:00+08:00"


@pytest.fixture
async def books(database_url: str) -> AsyncIterator[Books]:
    async with books_over(database_url) as opened:
        yield opened


async def sent(books: Books, *, pack: str = "default") -> MessageContent:
    """A message with payouts p1 and p2 of two accounts and a refund of the second."""
    for number in (1, 2):
        await books.payout(await books.open(number, pack=pack), f"p{number}")
    await books.refund(account_of(2), "c2")
    if pack == "controlled":
        for number in (1, 2):
            said = {"instruction_ids": (f"p{number}",)}
            await books.do(account_of(number), c.ApproveInstruction, "regulator:office", **said)
    return (await make_message(books.ledger, books.reader, caller("m"), bank=BANK, message_id="M-1")).content


def e2e(content: MessageContent) -> dict[str, str]:
    """End-to-end ids by the kind and account of the order: `payout 1`, `payout 2`, `refund 2`."""
    return {f"{order.kind} {share.account_no[-1]}": order.end_to_end_id for share, order in content.each()}


async def told(books: Books, *parts: str, key: str = "r", bank: str = BANK, **said: Any) -> StatusResult:
    data = report("M-1", *parts, created=CREATED, **said)
    return await import_status(books.ledger, books.reader, caller(key), bank=bank, data=data)


def results(found: StatusResult) -> list[tuple[str, str]]:
    return [(one.order.kind if one.order else "-", one.result) for one in found.results]


def code_of(one: OrderResult) -> str:
    assert isinstance(one.outcome, LedgerError)
    return one.outcome.code


async def test_each_order_gets_its_own_result(books: Books) -> None:
    content = await sent(books)
    ids = e2e(content)
    one = payment("M-1-1", transaction(ids["payout 1"], "ACSC", more="<AcctSvcrRef>BK-1</AcctSvcrRef>"))
    two = payment(
        "M-1-2",
        transaction(ids["payout 2"], "RJCT", reason="AC04"),
        transaction(ids["refund 2"], "PDNG"),
        status="PART",
    )
    found = await told(books, one, two, status="PART")
    assert results(found) == [("payout", "settled"), ("payout", "rejected"), ("refund", "unchanged")]
    assert [(r.entry.payment, r.entry.transaction) for r in found.results] == [(1, 1), (2, 1), (2, 2)]
    orders = await books.orders()
    assert (orders["p1"].state, orders["p1"].bank_reference, orders["p1"].unapproved) == ("settled", "BK-1", False)
    assert (orders["p2"].state, orders["p2"].reason) == ("rejected", "AC04")
    assert [row.state for row in orders.values() if row.kind == "refund"] == ["exported"]


async def test_the_same_report_twice_changes_nothing(books: Books) -> None:
    ids = e2e(await sent(books))
    parts = payment("M-1-1", transaction(ids["payout 1"], "ACSC")), payment("M-1-2", status="RJCT", reason="AM04")
    first = await told(books, *parts)
    assert results(first) == [("payout", "settled"), ("payout", "rejected"), ("refund", "rejected")]
    before = await books.events()
    for key in ("r", "another"):
        again = await told(books, *parts, key=key)
        assert results(again) == [("payout", "repeated"), ("payout", "repeated"), ("refund", "repeated")]
    assert await books.events() == before


async def test_without_a_reference_of_its_own_the_end_to_end_id_names_the_entry(books: Books) -> None:
    ids = e2e(await sent(books))
    shared = "<AcctSvcrRef>BATCH</AcctSvcrRef>"
    await told(
        books,
        payment("M-1-1", transaction(ids["payout 1"], "ACSC", more=shared)),
        payment("M-1-2", transaction(ids["payout 2"], "ACCC", more=shared), transaction(ids["refund 2"], "ACSC")),
    )
    assert {row.end_to_end_id: row.bank_reference for row in (await books.orders()).values()} == {
        one: one for one in ids.values()
    }


async def test_a_later_status_of_a_settled_order_is_a_repetition(books: Books) -> None:
    ids = e2e(await sent(books))
    await told(books, payment("M-1-1", transaction(ids["payout 1"], "ACSC", more="<AcctSvcrRef>B1</AcctSvcrRef>")))
    later = payment("M-1-1", transaction(ids["payout 1"], "ACCC", more="<AcctSvcrRef>B2</AcctSvcrRef>"))
    books.clock.now += timedelta(days=1)
    data = report("M-1", later, created=f"{(DAY + timedelta(days=1)).isoformat()}T09:00:00+08:00")
    found = await import_status(books.ledger, books.reader, caller("r2"), bank=BANK, data=data)
    assert results(found) == [("payout", "repeated")]
    contrary = await told(books, payment("M-1-1", transaction(ids["payout 1"], "RJCT")), key="r3")
    assert results(contrary) == [("payout", "refused")]
    assert code_of(contrary.results[0]) == "instruction_outcome_wrong"


async def test_a_group_stands_for_what_nothing_narrower_names(books: Books) -> None:
    ids = e2e(await sent(books))
    found = await told(books, payment("M-1-2", transaction(ids["refund 2"], "RJCT", reason="AC01")), status="ACSC")
    by_kind = {(r.entry.level, r.order.end_to_end_id if r.order else ""): r.result for r in found.results}
    assert by_kind == {
        ("transaction", ids["refund 2"]): "rejected",
        ("group", ids["payout 1"]): "settled",
        ("group", ids["payout 2"]): "settled",
    }


async def test_a_group_that_was_refused_gives_all_money_back(books: Books) -> None:
    await sent(books)
    found = await told(books, status="RJCT", reason="DUPL")
    assert Counter(one.result for one in found.results) == {"rejected": 3}
    for number in (1, 2):
        account = books.ledger.account_at_version(account_of(number))
        assert (account.buckets.cash, account.buckets.payout_in_flight, account.buckets.earned) == (10_000, 0, 3_000)


async def test_what_is_not_final_changes_nothing(books: Books) -> None:
    ids = e2e(await sent(books))
    before = await books.events()
    for number, status in enumerate(("ACSP", "PDNG", "ACCP", "RCVD", "ACTC")):
        found = await told(books, payment("M-1-1", transaction(ids["payout 1"], status)), key=f"k{number}")
        assert results(found) == [("payout", "unchanged")]
    assert results(await told(books, status="ACCP", key="g")) == [
        ("payout", "unchanged"),
        ("payout", "unchanged"),
        ("refund", "unchanged"),
    ]
    assert await books.events() == before


async def test_what_is_unknown_is_named_and_the_rest_goes_on(books: Books) -> None:
    ids = e2e(await sent(books))
    found = await told(
        books,
        payment(
            "M-1-1", transaction("nobody", "ACSC"), transaction(None, "ACSC"), transaction(ids["payout 1"], "ACSC")
        ),
        payment("M-1-9", status="ACSC"),
        payment("M-1-2", transaction(ids["payout 2"], "ZZZZ")),
    )
    assert [one.result for one in found.results] == ["refused", "refused", "settled", "refused", "refused"]
    codes = [code_of(one) for one in found.results if one.result == "refused"]
    assert codes == [
        "status_order_not_found",
        "status_order_unnamed",
        "status_payment_not_found",
        "status_code_unknown",
    ]
    first = found.results[0].outcome
    assert isinstance(first, LedgerError)
    assert first.figures == {"message_id": "M-1", "end_to_end_id": "nobody"}


async def test_a_message_that_was_never_made_for_the_bank_is_named(books: Books) -> None:
    await sent(books)
    for bank, message_id in ((BANK, "M-9"), ("CCB", "M-1")):
        with pytest.raises(LedgerError) as refusal:
            await import_status(
                books.ledger, books.reader, caller("x" + bank), bank=bank, data=report(message_id, status="ACSC")
            )
        assert refusal.value.code == "status_message_not_found"
        assert refusal.value.figures == {"message_id": message_id}


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ('<IntrBkSttlmAmt Ccy="CNY">10.00</IntrBkSttlmAmt>', None),
        ('<IntrBkSttlmAmt Ccy="CNY">9.99</IntrBkSttlmAmt>', "instruction_amount_differs"),
        ('<IntrBkSttlmAmt Ccy="USD">10.00</IntrBkSttlmAmt>', "status_amount_unreadable"),
    ],
)
async def test_an_amount_that_is_told_must_be_the_orders(books: Books, amount: str, code: str | None) -> None:
    ids = e2e(await sent(books))
    more = f"<OrgnlTxRef>{amount}</OrgnlTxRef>"
    [one] = (await told(books, payment("M-1-1", transaction(ids["payout 1"], "ACSC", more=more)))).results
    assert one.result == ("settled" if code is None else "refused")
    if code is not None:
        assert code_of(one) == code


@pytest.mark.parametrize(("day", "code"), [("2026-03-03", "date_in_future"), ("1999-12-31", "date_too_early")])
async def test_a_day_that_cannot_be_is_refused(books: Books, day: str, code: str) -> None:
    ids = e2e(await sent(books))
    more = f"<OrgnlTxRef><IntrBkSttlmDt>{day}</IntrBkSttlmDt></OrgnlTxRef>"
    [one] = (await told(books, payment("M-1-1", transaction(ids["payout 1"], "ACSC", more=more)))).results
    assert (one.result, code_of(one)) == ("refused", code)


async def test_a_transaction_told_twice_in_one_report_is_settled_once(books: Books) -> None:
    ids = e2e(await sent(books))
    twice = [transaction(ids["payout 1"], "ACSC"), transaction(ids["payout 1"], "ACCC")]
    rejected = [transaction(ids["payout 2"], "RJCT"), transaction(ids["payout 2"], "RJCT")]
    found = await told(books, payment("M-1-1", *twice), payment("M-1-2", *rejected))
    assert [one.result for one in found.results] == ["settled", "repeated", "rejected", "repeated"]


async def test_a_settlement_that_nobody_approved_is_recorded_and_marked(books: Books) -> None:
    account_id = await books.open(1, pack="controlled")
    await books.payout(account_id, "p1")
    await books.settle(account_id, "p1", 1_000)
    row = (await books.orders())["p1"]
    assert (row.state, row.unapproved, row.message_id) == ("settled", True, None)
    assert books.ledger.account_at_version(account_id).buckets.cash == 9_000


async def test_a_rejected_refund_goes_again_in_another_message_and_is_paid_once(books: Books) -> None:
    ids = e2e(await sent(books))
    await told(books, payment("M-1-2", transaction(ids["refund 2"], "RJCT", reason="AC04")))
    await books.do(account_of(2), c.InstructRefund, refund_id="r-c2")
    again = (await make_message(books.ledger, books.reader, caller("m2"), bank=BANK, message_id="M-2")).content
    [(_, order)] = again.each()
    assert order.end_to_end_id != ids["refund 2"]
    late = await told(books, payment("M-1-2", transaction(ids["refund 2"], "ACSC")), key="late")
    assert (late.results[0].result, code_of(late.results[0])) == ("refused", "instruction_outcome_wrong")
    data = report("M-2", status="ACSC", created=CREATED)
    found = await import_status(books.ledger, books.reader, caller("r9"), bank=BANK, data=data)
    [one] = found.results
    assert isinstance(one.outcome, Outcome)
    assert isinstance(one.outcome.events[0], e.RefundPaid)
    assert books.ledger.account_at_version(account_of(2)).buckets.refund_payable == 0


async def test_a_mock_bank_takes_the_message_and_its_report_is_taken_in(books: Books) -> None:
    content = await sent(books, pack="controlled")
    read = mock_messages.read_pain001(await write_message(content, "pain.001"))
    assert {p.end_to_end_id: p.amount for p in read.payments} == {
        order.end_to_end_id: order.amount_fen for _, order in content.each()
    }
    decision = _decided(read, rejected={e2e(content)["payout 2"]: "AC04"})
    data = mock_messages.write_pain002(decision, "BANK-1", CREATED)
    found = await import_status(books.ledger, books.reader, caller("r"), bank=BANK, data=data)
    assert (found.report.version, found.report.report_id) == ("001.10", "BANK-1")
    assert results(found) == [
        ("payout", "unchanged"),
        ("payout", "rejected"),
        ("refund", "unchanged"),
    ]
    assert (await books.states())["p2"] == "rejected"


def _decided(file: Any, *, rejected: dict[str, str]) -> Any:
    """What the mock bank decided of a file: these rejected, with their reasons; the others accepted."""
    payments = [
        mock_accounts.PaymentDecision(
            one,
            batch,
            None,
            "rejected" if one.end_to_end_id in rejected else "accepted",
            reason=rejected.get(one.end_to_end_id),
        )
        for batch in file.batches
        for one in batch.payments
    ]
    return mock_accounts.Decision(file, "PART" if rejected else "ACCP", payments=payments)
