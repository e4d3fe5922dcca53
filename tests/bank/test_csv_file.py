"""What good CSV files give."""

from datetime import date

from ledger.bank.csv_columns import DEFAULT_COLUMNS
from ledger.bank.csv_file import read_csv
from ledger.bank.csv_layout import Layout
from ledger.bank.entries import BankEntry
from ledger.bank.reading import read_bank_file
from ledger.bank.tokens import PayerTokens
from tests.bank.files.bad_csv import GOOD, csv_text
from tests.bank.files.camt import SALT

CHINESE = "交易流水号,监管账号,金额,币种,入账日期,起息日,借贷标志,冲正标志,合同号,附言,付款人,付款账号\n"
CHINESE_LINE = "R1,6222 0000,1280.5,CNY,2026-03-02,2026-03-03,贷,否,C-1,学费,张伟,6222 1111\n"


def test_chinese_headers_give_the_same_as_english_ones_in_both_encodings() -> None:
    tokens = PayerTokens(SALT)
    expected = BankEntry(
        bank_reference="R1",
        account_no="62220000",
        amount_fen=128050,
        booked_on=date(2026, 3, 2),
        value_on=date(2026, 3, 3),
        contract_reference="C-1",
        remittance="学费",
        remitter_token=tokens.remitter(name="张伟", account="62221111"),
        payer_route=tokens.route(account="62221111"),
        line=2,
        entry=1,
    )
    text = CHINESE + CHINESE_LINE
    assert read_csv(text.encode("gb18030"), salt=SALT, layout=Layout(encoding="gb18030")).entries == (expected,)
    assert read_csv(text.encode("utf-8-sig"), salt=SALT).entries == (expected,)
    assert read_bank_file(text.encode(), salt=SALT).entries == (expected,)


def test_a_column_of_fen_is_read_as_integers() -> None:
    header = "bank_reference,account_no,amount_fen,currency,booked_on"
    lines = (
        "R1,A,128050,CNY,2026-03-02",
        "R2,A,1280.50,CNY,2026-03-02",
        "R3,A,,CNY,2026-03-02",
        "R4,A,x,CNY,2026-03-02",
    )
    file = read_csv(csv_text(*lines, header=header), salt=SALT)
    assert [entry.amount_fen for entry in file.entries] == [128050]
    assert [refusal.code for refusal in file.refusals] == [
        "entry_beyond_fen",
        "entry_amount_missing",
        "entry_amount_unreadable",
    ]


def test_formulas_and_line_breaks_are_only_text() -> None:
    line = GOOD.replace("tuition", '"=HYPERLINK(""x"")\r\n合同号：C-2"')
    (entry,) = read_csv(csv_text(line), salt=SALT).entries
    assert entry.remittance == '=HYPERLINK("x")\r\n合同号：C-2'
    assert entry.contract_reference == "C-2"


def test_empty_lines_count_only_for_line_numbers() -> None:
    (first, second) = read_csv(csv_text("", GOOD, "", "", GOOD.replace("GOOD", "R2")), salt=SALT).entries
    assert [(entry.line, entry.entry) for entry in (first, second)] == [(3, 1), (6, 2)]


def test_the_same_line_again_is_a_duplicate_with_the_place_of_the_first() -> None:
    (refusal,) = read_csv(csv_text(GOOD, GOOD), salt=SALT).refusals
    assert refusal.code == "entry_duplicate_in_file"
    assert refusal.figures == {"bank_reference": "GOOD", "first_entry": 1, "first_line": 2}


def test_a_bank_may_have_headers_of_its_own() -> None:
    own = {"bank_reference": "Txn", "account_no": "Acct", "amount": "Amt", "currency": "Ccy", "booked_on": "Date"}
    data = csv_text("R1,A,0.01,CNY,2026-03-02", header="TXN,Acct,amt,Ccy,Date")
    (entry,) = read_csv(data, salt=SALT, layout=Layout(columns=dict(own))).entries
    assert entry.amount_fen == 1


def test_each_default_column_is_described_and_no_header_stands_twice() -> None:
    headers = [name.casefold() for column in DEFAULT_COLUMNS for name in column.headers]
    assert len(headers) == len(set(headers))
    assert all(column.meaning and column.meaning_zh for column in DEFAULT_COLUMNS)


def test_debits_come_when_asked_for() -> None:
    data = csv_text("R1,A,1.00,CNY,2026-03-02,借,是,")
    (entry,) = read_csv(data, salt=SALT, credits_only=False).entries
    assert (entry.credit, entry.reversal) == (False, True)
