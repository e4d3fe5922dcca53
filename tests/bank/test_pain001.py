"""Messages of orders: valid by the official schema, exact to the fen, the same bytes for the same orders."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.bank.creditors import INSTITUTION, ROUTE_DIGEST, ROUTE_TOKEN, Creditor, creditor_of
from ledger.bank.pain001 import (
    CSV_HEADER,
    NAME,
    Payment,
    PaymentMessage,
    Transfer,
    write_orders_csv,
    write_pain001,
)
from ledger.bank.pain_schemas import namespace_of_pain, pain001_schema
from ledger.bank.xml_document import Node, parse
from ledger.domain.money import MAX_FEN

read_pain001: Any = import_module("mockbank.messages").read_pain001
validate: Any = import_module("mockbank.validate").validate
AT = datetime(2026, 9, 1, 1, 2, 3, tzinfo=UTC)
DAY = date(2026, 9, 2)


def transfer(number: int, amount_fen: int = 100, creditor: Creditor | None = None) -> Transfer:
    return Transfer(
        end_to_end_id=f"e2e-{number}",
        amount_fen=amount_fen,
        creditor=creditor or creditor_of(f"route-{number}", ROUTE_TOKEN),
        kind="refund",
        purpose=f"refund r-{number}",
    )


def payment(*transfers: Transfer, number: int = 1, account_no: str = "6222-1") -> Payment:
    return Payment(
        payment_id=f"M1-{number}",
        account_no=account_no,
        institution_id="school-1",
        bank="ICBC",
        execute_on=DAY,
        transfers=transfers,
    )


def message(*payments: Payment) -> PaymentMessage:
    return PaymentMessage(message_id="M1", message_at=AT, payments=payments)


def read(data: bytes) -> Node:
    """The group's root of a file that its schema takes."""
    tree = parse(data)
    assert pain001_schema().fault(tree) is None
    found = Node(tree.getroot(), namespace_of_pain(NAME)).first("CstmrCdtTrfInitn")
    assert found is not None
    return found


def test_a_message_has_one_block_an_account_with_counts_and_sums_of_its_own() -> None:
    first = payment(transfer(1, 128_050), transfer(2, 1))
    root = read(write_pain001(message(first, payment(transfer(3, 9_900), number=2, account_no="6222-2"))))
    assert (root.text("GrpHdr/MsgId"), root.text("GrpHdr/CreDtTm")) == ("M1", "2026-09-01T01:02:03Z")
    assert (root.text("GrpHdr/NbOfTxs"), root.text("GrpHdr/CtrlSum")) == ("3", "1379.51")
    blocks = root.all("PmtInf")
    assert [block.text("PmtInfId") for block in blocks] == ["M1-1", "M1-2"]
    assert [block.text("CtrlSum") for block in blocks] == ["1280.51", "99.00"]
    assert [block.text("DbtrAcct/Id/Othr/Id") for block in blocks] == ["6222-1", "6222-2"]
    assert {block.text("ReqdExctnDt/Dt") for block in blocks} == {"2026-09-02"}
    [one, other] = blocks[0].all("CdtTrfTxInf")
    assert (one.text("PmtId/EndToEndId"), one.text("Amt/InstdAmt")) == ("e2e-1", "1280.50")
    assert one.text("CdtrAcct/Id/Othr/Id") == "route-1"
    assert one.text("CdtrAcct/Id/Othr/SchmeNm/Prtry") == "ROUTE_TOKEN"
    assert (one.text("RmtInf/Ustrd"), one.text("Cdtr/Nm")) == ("refund r-1", "NOTPROVIDED")
    assert other.text("Amt/InstdAmt") == "0.01"


def test_the_same_message_gives_the_same_bytes() -> None:
    content = message(payment(transfer(1), transfer(2)))
    assert write_pain001(content) == write_pain001(content)
    assert write_orders_csv(content) == write_orders_csv(content)


def test_a_known_account_and_name_stand_in_the_place_of_the_token() -> None:
    known = Creditor(account="6217000012345678", name="王小明", agent="ICBKCNBJXXX")
    root = read(write_pain001(message(payment(transfer(1, 5, known)))))
    [one] = root.all("PmtInf/CdtTrfTxInf")
    assert one.text("Cdtr/Nm") == "王小明"
    assert (one.text("CdtrAcct/Id/Othr/Id"), one.text("CdtrAcct/Id/Othr/SchmeNm/Prtry")) == ("6217000012345678", None)
    assert one.text("CdtrAgt/FinInstnId/BICFI") == "ICBKCNBJXXX"


@pytest.mark.parametrize("length", [33, 34, 35, 64])
def test_a_token_that_is_too_long_stands_beside_its_digest(length: int) -> None:
    token = ("route_" + "0123456789abcdef" * 4)[:length]
    creditor = creditor_of(token, ROUTE_TOKEN)
    root = read(write_pain001(message(payment(transfer(1, 5, creditor)))))
    account = root.first("PmtInf/CdtTrfTxInf/CdtrAcct")
    assert account is not None
    if length <= 34:
        assert (account.text("Id/Othr/Id"), account.text("Prxy/Id")) == (token, None)
    else:
        assert len(account.text("Id/Othr/Id") or "") == 32
        assert (account.text("Id/Othr/SchmeNm/Prtry"), account.text("Prxy/Id")) == (ROUTE_DIGEST, token)


def test_two_long_tokens_never_share_an_id() -> None:
    long = "t" * 40
    assert creditor_of(long + "1", ROUTE_TOKEN).account != creditor_of(long + "2", ROUTE_TOKEN).account


def test_what_its_schema_does_not_take_never_leaves() -> None:
    with pytest.raises(ValueError, match="at least one order"):
        write_pain001(message())
    with pytest.raises(ValueError, match="breaks its schema in line"):
        write_pain001(message(payment(transfer(1), account_no="6" * 35)))
    with pytest.raises(ValueError, match="breaks its schema"):
        write_pain001(message(payment(transfer(1, 5, Creditor(account="6", agent="no-bic")))))


def test_the_csv_has_the_same_orders() -> None:
    token = "route_" + "f" * 32
    content = message(payment(transfer(1, 128_050), transfer(2, 1, creditor_of(token, ROUTE_TOKEN))))
    text = write_orders_csv(content).decode()
    assert text.count("\r\n") == 3
    rows = list(csv.DictReader(io.StringIO(text)))
    assert tuple(rows[0]) == CSV_HEADER
    assert [row["amount"] for row in rows] == ["1280.50", "0.01"]
    assert [row["creditor_account"] for row in rows] == ["route-1", token]
    assert {row["payment_id"] for row in rows} == {"M1-1"}


def test_a_mock_bank_reads_it_as_it_was_meant() -> None:
    data = write_pain001(message(payment(transfer(1, 128_050), transfer(2, 7))))
    read_by_bank = read_pain001(data)
    assert (read_by_bank.msg_id, read_by_bank.nb_of_txs) == ("M1", 2)
    assert [(p.end_to_end_id, p.amount, p.currency) for p in read_by_bank.payments] == [
        ("e2e-1", 128_050, "CNY"),
        ("e2e-2", 7, "CNY"),
    ]
    assert validate(data, today=DAY) == []


_TEXT = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=34)
_TRANSFERS = st.lists(
    st.builds(
        Transfer,
        end_to_end_id=st.text("0123456789abcdef", min_size=32, max_size=32),
        amount_fen=st.integers(1, MAX_FEN),
        creditor=st.builds(
            creditor_of,
            st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=64),
            st.just(INSTITUTION),
        ),
        kind=st.sampled_from(["payout", "advance", "refund", "suspense_return"]),
        purpose=_TEXT,
    ),
    min_size=1,
    max_size=5,
).map(tuple)


@settings(max_examples=60)
@given(st.lists(st.tuples(_TEXT, _TEXT, _TRANSFERS), min_size=1, max_size=3))
def test_every_message_is_valid_and_its_sums_are_those_of_its_orders(
    accounts: list[tuple[str, str, tuple[Transfer, ...]]],
) -> None:
    payments = tuple(
        Payment(
            payment_id=f"M-{number}",
            account_no=account_no,
            institution_id=institution_id,
            bank="ICBC",
            execute_on=DAY,
            transfers=transfers,
        )
        for number, (account_no, institution_id, transfers) in enumerate(accounts)
    )
    root = read(write_pain001(message(*payments)))
    total = 0
    for block, meant in zip(root.all("PmtInf"), payments, strict=True):
        amounts = [Decimal(one.text("Amt/InstdAmt") or "") for one in block.all("CdtTrfTxInf")]
        assert [int(amount * 100) for amount in amounts] == [one.amount_fen for one in meant.transfers]
        assert Decimal(block.text("CtrlSum") or "") == sum(amounts)
        total += sum(one.amount_fen for one in meant.transfers)
    assert Decimal(root.text("GrpHdr/CtrlSum") or "") * 100 == total
