"""The catalogue of bank file refusals: each code once, with its sentence in English and Chinese."""

from ledger.domain.errors import Code


def _catalogue(*codes: Code) -> dict[str, Code]:
    table = {code.code: code for code in codes}
    assert len(table) == len(codes), "a code is declared twice"
    return table


FILE_CODES = _catalogue(
    Code("file_empty", "The file has no content.", "文件没有内容。"),
    Code(
        "file_too_large",
        "The file is larger than the limit of {limit_bytes} bytes.",
        "文件超过上限{limit_bytes}字节。",
    ),
    Code(
        "file_kind_unknown",
        "The file is neither a camt.053 or camt.054 XML file nor a CSV file.",
        "文件既不是camt.053或camt.054 XML文件，也不是CSV文件。",
    ),
    Code(
        "file_encoding_wrong",
        "The file is not valid {expected} text{declared}.",
        "文件不是有效的{expected}文本{declared}。",
    ),
    Code(
        "file_doctype_refused",
        "The file has a DOCTYPE. Bank files may not declare document types or entities.",
        "文件含有DOCTYPE。银行文件不得声明文档类型或实体。",
    ),
    Code("file_not_xml", "The file is not well-formed XML: {sentence}.", "文件不是格式正确的XML：{sentence}。"),
    Code(
        "file_namespace_unknown",
        "The root element {root} is not the Document of an ISO 20022 message.",
        "根元素{root}不是ISO 20022报文的Document。",
    ),
    Code(
        "file_message_unsupported",
        "{message} is not read; statements come as camt.053, notifications as camt.054.",
        "不读取{message}；对账单请用camt.053，收付通知请用camt.054。",
    ),
    Code(
        "file_version_unsupported",
        "{message} version {version} is not supported; supported are {supported}.",
        "不支持{message}版本{version}；支持的版本为{supported}。",
    ),
    Code(
        "file_schema_invalid",
        "The file does not follow the schema of {message}.{version}: {sentence}",
        "文件不符合{message}.{version}的模式：{sentence}",
    ),
    Code("file_without_entries", "The file has no entries.", "文件没有任何明细。"),
    Code(
        "file_entries_many",
        "The file has more than {limit} entries; send it in parts.",
        "文件明细超过{limit}笔，请分批发送。",
    ),
    Code(
        "file_totals_differ",
        "The summary states {stated} for {total}, but the entries give {found}.",
        "汇总的{total}为{stated}，而明细合计为{found}。",
    ),
    Code("file_header_missing", "The first line is not a header of known columns.", "首行不是已知列名的表头。"),
    Code("file_column_unknown", "The column {column} is not known.", "未知的列{column}。"),
    Code("file_column_repeated", "The column {column} stands twice in the header.", "表头中列{column}重复。"),
    Code("file_column_missing", "The header lacks the column {column}.", "表头缺少列{column}。"),
    Code("file_csv_malformed", "The CSV text is malformed: {sentence}.", "CSV文本格式错误：{sentence}。"),
    Code(
        "file_layout_invalid",
        "The layout {layout} of CSV files cannot be used: {sentence}.",
        "CSV版式{layout}不可用：{sentence}。",
    ),
)
"""Codes that refuse a whole file: nothing in it may be used."""

ENTRY_CODES = _catalogue(
    Code(
        "entry_ragged_line",
        "The line has {found} fields; the header has {expected}.",
        "该行有{found}个字段，而表头有{expected}个。",
    ),
    Code("entry_account_missing", "The entry names no account.", "明细未注明账户。"),
    Code(
        "entry_currency_not_cny",
        "The currency is {currency}; only CNY is accepted.",
        "币种为{currency}，仅接受CNY。",
    ),
    Code("entry_amount_missing", "The entry has no amount.", "明细没有金额。"),
    Code(
        "entry_amount_twice",
        "The line has an amount in both the debit and the credit column.",
        "该行的借方与贷方栏均有金额。",
    ),
    Code(
        "entry_amount_unreadable",
        "The amount is not a plain decimal number.",
        "金额不是普通的十进制数字。",
    ),
    Code("entry_beyond_fen", "The amount {amount} has parts smaller than a fen.", "金额{amount}含有小于一分的部分。"),
    Code(
        "entry_amount_not_positive",
        "The amount {amount} is not above zero.",
        "金额{amount}须大于零。",
    ),
    Code(
        "entry_amount_too_large",
        "The amount {amount} comes to more than the limit of {limit_fen} fen.",
        "金额{amount}折合后超过上限{limit_fen}分。",
    ),
    Code("entry_pending", "The entry is pending; only booked ones are accepted.", "明细尚未入账，仅接受已入账明细。"),
    Code(
        "entry_for_information",
        "The entry is for information only; only booked ones are accepted.",
        "明细仅供参考，仅接受已入账明细。",
    ),
    Code(
        "entry_status_not_booked",
        "The entry's status is {status}; only BOOK is accepted.",
        "明细状态为{status}，仅接受BOOK。",
    ),
    Code(
        "entry_not_credit",
        "The entry is a debit of {amount_fen} fen; receipts alone were asked for.",
        "该明细为借记{amount_fen}分，而仅要求收款明细。",
    ),
    Code("entry_reference_missing", "The entry has no reference of the bank.", "明细没有银行流水号。"),
    Code(
        "entry_reference_malformed",
        "The {field} holds line breaks or control characters.",
        "{field}含有换行或控制字符。",
    ),
    Code(
        "entry_text_too_long",
        "The {field} has {length} characters; the limit is {limit}.",
        "{field}有{length}个字符，上限为{limit}。",
    ),
    Code("entry_date_missing", "The entry has no booking date.", "明细没有入账日期。"),
    Code("entry_date_unreadable", "The {field} is not a date YYYY-MM-DD.", "{field}不是YYYY-MM-DD格式的日期。"),
    Code(
        "entry_value_not_listed",
        "The {field} must be one of {allowed}.",
        "{field}必须为下列之一：{allowed}。",
    ),
    Code(
        "entry_batch_count_differs",
        "The batch states {stated} transactions and holds {found}.",
        "批次注明{stated}笔交易，实有{found}笔。",
    ),
    Code(
        "entry_batch_without_details",
        "The batch does not give its transactions ({stated}); send them, or the notification that has them.",
        "批次未列出其交易（{stated}）；请发送含交易明细的文件。",
    ),
    Code(
        "entry_batch_sum_differs",
        "The entry is {entry_fen} fen; its transactions add up to {transactions_fen} fen.",
        "明细为{entry_fen}分，而其交易合计{transactions_fen}分。",
    ),
    Code(
        "entry_duplicate_in_file",
        "The bank reference {bank_reference} stands before at entry {first_entry}, with the same content.",
        "银行流水号{bank_reference}已在第{first_entry}笔出现，内容相同。",
    ),
    Code(
        "entry_conflict_in_file",
        "The bank reference {bank_reference} stands before at entry {first_entry}, with other content.",
        "银行流水号{bank_reference}已在第{first_entry}笔出现，内容不同。",
    ),
)
"""Codes that refuse one entry: the other entries of the file stay usable."""

STATEMENT_CODES = _catalogue(
    Code("statement_account_missing", "The statement names no account.", "对账单未注明账户。"),
    Code(
        "statement_currency_not_cny",
        "The balance is in {currency}; only CNY is accepted.",
        "余额币种为{currency}，仅接受CNY。",
    ),
    Code(
        "statement_balance_missing",
        "The statement has no booked {balance} balance.",
        "对账单没有已入账的{balance}余额。",
    ),
    Code(
        "statement_balance_beyond_fen",
        "The balance {amount} has parts smaller than a fen.",
        "余额{amount}含有小于一分的部分。",
    ),
    Code(
        "statement_date_unreadable",
        "The {field} of the statement is not a day of the calendar.",
        "对账单的{field}不是有效日期。",
    ),
    Code(
        "statement_page_unplaced",
        "Page {page} has no balances of its own: its entries are used, but the page cannot be compared.",
        "第{page}页没有自身余额：明细已使用，但该页无法对账。",
    ),
    Code(
        "statement_repeated_in_file",
        "The statement {statement_id} stands before at line {first_line}.",
        "对账单{statement_id}已在第{first_line}行出现。",
    ),
)
"""Codes of statements that cannot be recorded for reconciliation: their entries stay usable."""

SKIPPED_CODES = frozenset({"entry_pending", "entry_for_information"})
"""Codes of entries that are no movements (yet): they are passed over and said, and nothing is wrong with the file."""

CATALOGUE: dict[str, Code] = FILE_CODES | ENTRY_CODES | STATEMENT_CODES
"""Every code of this package, in the order of the reference table."""
