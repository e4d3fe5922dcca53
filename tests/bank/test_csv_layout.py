"""Banks' own CSV layouts: described, read, written, and what is wrong with a description."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.bank.csv_cells import marked, unmarked
from ledger.bank.csv_columns import DEFAULT_COLUMNS
from ledger.bank.csv_file import read_csv
from ledger.bank.csv_layout import DEFAULT_LAYOUT, Layout, read_layout
from ledger.bank.csv_writing import csv_lines, write_csv
from ledger.bank.findings import FileRefused
from ledger.bank.writing import Receipt
from tests.bank.files.camt import SALT

BANK_MAP = """
encoding: gb18030
delimiter: "|"
skip_lines: 2
date_format: "%Y%m%d %H:%M:%S"
columns:
  bank_reference: 交易流水号
  booked_on: [交易时间, 记账时间]
  debit_amount: 借方发生额
  credit_amount: 贷方发生额
  remittance: 摘要
  end_to_end_id: 客户流水号
constants: {account_no: "6222000011112222", currency: CNY}
ignored: [余额]
"""
BANK_FILE = """账户明细查询
导出时间 2026-03-04
交易流水号|记账时间|借方发生额|贷方发生额|余额|摘要|客户流水号
A1|20260302 09:15:00||1280.50|9999.99|合同号：HT-1|
A2|20260303 23:59:59|5.00||9994.99|账户管理费|
"""


def test_a_bank_with_columns_of_its_own_is_read_without_code() -> None:
    layout = read_layout(BANK_MAP.encode(), name="bank.yaml")
    file = read_csv(BANK_FILE.encode("gb18030"), salt=SALT, layout=layout, credits_only=False)
    assert file.refusals == ()
    assert [
        (e.bank_reference, e.account_no, e.signed_fen, e.booked_on, e.kind, e.contract_reference, e.line)
        for e in file.entries
    ] == [
        ("A1", "6222000011112222", 128_050, date(2026, 3, 2), "receipt", "HT-1", 4),
        ("A2", "6222000011112222", -500, date(2026, 3, 3), "bank_fee", None, 5),
    ]


def test_json_describes_as_yaml_does_and_fen_may_be_the_unit() -> None:
    columns = '"bank_reference": "Ref", "account_no": "Acct", "amount": "Amt", "booked_on": "Day", "direction": "DC"'
    text = f"""{{"amount_unit": "fen", "columns": {{{columns}}}, "constants": {{"currency": "CNY"}},
        "directions": {{"credit": ["C"], "debit": ["D"]}}, "date_format": "%d.%m.%Y", "ignored": ["*"]}}"""
    layout = read_layout(text.encode(), name="bank.json")
    lines = (
        "Ref,Acct,Amt,Day,DC,Colour",
        "A1,1,128050,02.03.2026,C,red",
        "A2,1,1280.50,02.03.2026,d,",
        "A3,1,7,02.03.2026,x,",
    )
    data = "\n".join(lines).encode()
    file = read_csv(data, salt=SALT, layout=layout, credits_only=False)
    assert [(entry.signed_fen, entry.booked_on) for entry in file.entries] == [(128_050, date(2026, 3, 2))]
    assert [(refusal.code, refusal.line) for refusal in file.refusals] == [
        ("entry_beyond_fen", 3),
        ("entry_value_not_listed", 4),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("columns: [", "while parsing"),
        ("colour: red", "unknown field `colour`"),
        ("encoding: latin1", "'latin1'"),
        ("delimiter: ';;'", "length"),
        ("delimiter: a", "part of a cell"),
        ("delimiter: '\"'", "part of a cell"),
        ("skip_lines: -1", ">= 0"),
        ("amount_unit: dollars", "'dollars'"),
        ("date_format: '%Y-%m'", "date_format"),
        ("date_format: '%Y-%m-%d %d'", "date_format"),
        ("date_format: '%Y-%m-%d %p'", "date_format"),
        ("columns: {colour: Farbe}", "no field colour"),
        ("constants: {colour: red}", "no field colour"),
        ("columns: {currency: Ccy}\nconstants: {currency: CNY}", "a column and a constant"),
        ("columns: {amount: A, booked_on: a}", "stands for two fields"),
        ("columns: {amount: ' '}", "empty"),
    ],
)
def test_a_wrong_description_is_refused_with_what_is_wrong(text: str, words: str) -> None:
    with pytest.raises(FileRefused, match="file_layout_invalid") as refused:
        read_layout(text.encode(), name="bank.yaml")
    assert words in str(refused.value.figures["sentence"])
    assert refused.value.figures["layout"] == "bank.yaml"


def test_a_description_of_other_bytes_is_refused() -> None:
    with pytest.raises(FileRefused, match="file_layout_invalid"):
        read_layout("name: 银行".encode("gb18030"), name="bank.yaml")


@pytest.mark.parametrize("day", ["2026-3-02", "02-03-2026", "2026-13-01", "２026-03-02", "2026-03-02 "])
def test_a_day_is_written_exactly_as_described(day: str) -> None:
    data = f"bank_reference,account_no,amount,currency,booked_on\nR,1,1.00,CNY,{day}\n".encode()
    file = read_csv(data, salt=SALT)
    assert [refusal.code for refusal in file.refusals] == (
        [] if day.strip() == "2026-03-02" else ["entry_date_unreadable"]
    )


references = st.text(alphabet="ABC123=+-@'＝", min_size=1, max_size=20)
rows = st.builds(
    Receipt,
    bank_reference=references,
    account_no=st.just("6222000011112222"),
    amount_fen=st.integers(min_value=1, max_value=10**12),
    booked_on=st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1)),
    credit=st.booleans(),
    end_to_end_id=references | st.none(),
    remittance=st.text(alphabet="学费 =+-@'|,\"\n", max_size=20).map(str.strip),
)
files = st.lists(rows, min_size=1, max_size=6, unique_by=lambda row: row.bank_reference)


@given(files, st.sampled_from([DEFAULT_LAYOUT, read_layout(BANK_MAP.encode(), name="bank.yaml")]))
def test_what_is_written_in_a_layout_is_read_back_in_it(written: list[Receipt], layout: Layout) -> None:
    data = write_csv(written, layout)
    assert data == b"".join(csv_lines(iter(written), layout))
    file = read_csv(data, salt=SALT, layout=layout, credits_only=False)
    assert file.refusals == ()
    assert [
        (e.bank_reference, e.account_no, e.amount_fen, e.credit, e.booked_on, e.end_to_end_id, e.remittance)
        for e in file.entries
    ] == [
        (r.bank_reference, r.account_no, r.amount_fen, r.credit, r.booked_on, r.end_to_end_id, r.remittance)
        for r in written
    ]


@given(st.text(alphabet="=+-@'＝＋ \tab学", max_size=8))
def test_marking_a_cell_loses_nothing_and_leaves_no_formula(text: str) -> None:
    cell = marked(text)
    assert unmarked(cell) == text.strip()
    assert cell[:1] not in set("=+-@＝＋－＠\t\r")


@pytest.mark.parametrize("cell", ["'", "'a", "''", "O'Neill", "'2026"])
def test_an_apostrophe_of_the_bank_stays(cell: str) -> None:
    assert unmarked(cell) == cell
    assert marked(cell) == cell


def test_what_a_layout_cannot_say_is_not_written() -> None:
    plain = Layout(columns={"bank_reference": "R", "account_no": "A", "amount": "M", "currency": "C", "booked_on": "D"})
    row: dict[str, Any] = {"bank_reference": "R", "account_no": "1", "amount_fen": 1, "booked_on": date(2026, 3, 2)}
    unwritable: dict[str, Any] = row | {"account_no": "\ud800"}
    assert write_csv([Receipt(**row)], plain) == b"R,A,M,C,D\r\nR,1,0.01,CNY,2026-03-02\r\n"
    with pytest.raises(FileRefused, match="tells debits from credits"):
        write_csv([Receipt(**row, credit=False)], plain)
    with pytest.raises(FileRefused, match="lacks a character"):
        write_csv([Receipt(**unwritable)], plain)


def test_the_fields_of_a_layout_are_the_described_columns() -> None:
    assert {column.field for column in DEFAULT_COLUMNS} == {
        *("bank_reference", "account_no", "amount", "amount_fen", "debit_amount", "credit_amount", "currency"),
        *("booked_on", "value_on", "direction", "reversal", "end_to_end_id", "contract_reference", "remittance"),
        *("payer", "payer_account", "kind"),
    }
