"""The columns of a bank's CSV file: which headers stand for which field, and what each holds."""

from collections.abc import Collection

import msgspec

from ledger.bank.findings import FileFinding, FileRefused, file_refused


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a CSV file: the headers it goes by, whether it must be there, and what it holds.

    `headers` match exactly after outer spaces are removed; Latin letters in either case.
    """

    field: str
    headers: tuple[str, ...]
    required: bool
    meaning: str
    meaning_zh: str


DEFAULT_COLUMNS: tuple[Column, ...] = (
    Column(
        field="bank_reference",
        headers=("bank_reference", "银行流水号", "交易流水号"),
        required=True,
        meaning="the bank's own reference of the entry, unique per bank",
        meaning_zh="银行自身的流水号，每家银行内唯一",
    ),
    Column(
        field="account_no",
        headers=("account_no", "监管账号", "账号"),
        required=True,
        meaning="the supervised account that was credited",
        meaning_zh="收款的监管专用账户账号",
    ),
    Column(
        field="amount",
        headers=("amount", "金额", "交易金额"),
        required=False,
        meaning="decimal yuan, such as 1280.50; one of amount, amount_fen, or the debit and credit columns is there",
        meaning_zh="以元为单位的十进制金额，如1280.50；amount、amount_fen或借贷两栏须有且仅有其一",
    ),
    Column(
        field="amount_fen",
        headers=("amount_fen", "金额(分)", "金额（分）"),
        required=False,
        meaning="integer fen, such as 128050",
        meaning_zh="以分为单位的整数金额，如128050",
    ),
    Column(
        field="debit_amount",
        headers=("debit_amount", "借方金额", "借方发生额", "支出"),
        required=False,
        meaning="decimal yuan that left the account; empty for a credit",
        meaning_zh="支出金额（元）；贷方记录留空",
    ),
    Column(
        field="credit_amount",
        headers=("credit_amount", "贷方金额", "贷方发生额", "收入"),
        required=False,
        meaning="decimal yuan that came in; empty for a debit",
        meaning_zh="收入金额（元）；借方记录留空",
    ),
    Column(
        field="currency",
        headers=("currency", "币种"),
        required=True,
        meaning="CNY",
        meaning_zh="CNY",
    ),
    Column(
        field="booked_on",
        headers=("booked_on", "入账日期", "交易日期"),
        required=True,
        meaning="booking date, YYYY-MM-DD",
        meaning_zh="入账日期，YYYY-MM-DD",
    ),
    Column(
        field="value_on",
        headers=("value_on", "起息日"),
        required=False,
        meaning="value date, YYYY-MM-DD; the booking date when empty",
        meaning_zh="起息日，YYYY-MM-DD；空则为入账日期",
    ),
    Column(
        field="direction",
        headers=("direction", "借贷标志", "借贷方向"),
        required=False,
        meaning="credit, CRDT or 贷; debit, DBIT or 借; credit when empty",
        meaning_zh="贷、credit或CRDT；借、debit或DBIT；空则为贷",
    ),
    Column(
        field="reversal",
        headers=("reversal", "冲正标志"),
        required=False,
        meaning="true or 是; false or 否; false when empty",
        meaning_zh="是或true；否或false；空则为否",
    ),
    Column(
        field="end_to_end_id",
        headers=("end_to_end_id", "端到端标识"),
        required=False,
        meaning="the payer's end-to-end id",
        meaning_zh="付款方端到端标识",
    ),
    Column(
        field="contract_reference",
        headers=("contract_reference", "合同号", "合同编号"),
        required=False,
        meaning="the contract that is paid; searched for in the remittance text when empty",
        meaning_zh="所缴费的合同；空则在附言中查找",
    ),
    Column(
        field="remittance",
        headers=("remittance", "附言", "摘要"),
        required=False,
        meaning="the payer's free text; may hold line breaks inside quotes",
        meaning_zh="付款附言；引号内可换行",
    ),
    Column(
        field="payer",
        headers=("payer", "付款人", "对方户名"),
        required=False,
        meaning="the payer's name; only an opaque token of it is kept",
        meaning_zh="付款人名称，仅保留不可读的标记",
    ),
    Column(
        field="payer_account",
        headers=("payer_account", "付款账号", "对方账号"),
        required=False,
        meaning="the payer's account; only an opaque token of it is kept",
        meaning_zh="付款人账号，仅保留不可读的标记",
    ),
    Column(
        field="kind",
        headers=("kind", "业务类型", "交易类型"),
        required=False,
        meaning="what the bank says the movement is, such as bank_fee or 手续费, seizure or 扣划, return or 退汇",
        meaning_zh="银行所称业务类型，如bank_fee或手续费、seizure或扣划、return或退汇",
    ),
)
"""What banks agree on with the ledger; a layout describes a bank's own."""

AMOUNT_FIELDS = ("amount", "amount_fen", "debit_amount", "credit_amount")
_SHOWN = 40


def match_header(
    header: list[str],
    columns: tuple[Column, ...],
    *,
    line: int,
    ignored: Collection[str] = (),
    given: Collection[str] = (),
) -> list[str]:
    """The field of each header cell, in order; empty for a cell among `ignored` (`*`: whatever is not known).

    `given` fields need no column. Raises `FileRefused`: `file_header_missing` when no cell is a known header, else
    every `file_column_unknown`, `file_column_repeated` and `file_column_missing` there is (the first is its code).
    """
    field_of = {name.casefold(): column.field for column in columns for name in column.headers}
    passed_over = {name.casefold() for name in ignored}
    cells = [cell.strip() for cell in header]
    fields = [field_of.get(cell.casefold()) for cell in cells]
    if not any(fields):
        raise file_refused("file_header_missing", line=line)
    findings: list[FileFinding] = []
    matched: list[str] = []
    for cell, field in zip(cells, fields, strict=True):
        shown = cell[:_SHOWN]
        if field is None:
            if "*" not in passed_over and cell.casefold() not in passed_over:
                findings.append(_finding("file_column_unknown", shown, line))
            matched.append("")
        elif field in matched:
            findings.append(_finding("file_column_repeated", shown, line))
        else:
            matched.append(field)
    findings.extend(
        _finding("file_column_missing", column.headers[0], line)
        for column in columns
        if column.required and column.field not in matched and column.field not in given
    )
    findings.extend(_wrong_amounts(matched, line))
    if findings:
        raise FileRefused(*findings)
    return matched


def _wrong_amounts(matched: list[str], line: int) -> list[FileFinding]:
    """An amount stands in one column, or in one column of debits and one of credits."""
    amounts = [field for field in matched if field in AMOUNT_FIELDS]
    if not amounts:
        return [_finding("file_column_missing", "amount", line)]
    if set(amounts) <= {"debit_amount", "credit_amount"}:
        return []
    return [_finding("file_column_repeated", field, line) for field in sorted(set(amounts))[1:]]


def _finding(code: str, column: str, line: int) -> FileFinding:
    return FileFinding(code=code, figures={"column": column}, line=line)
