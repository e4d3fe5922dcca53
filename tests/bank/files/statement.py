"""camt.053 files by parts: without balances the first entry begins on line 7, and each part takes a line."""

from tests.bank.files.camt import ACCOUNT

DAY = "2026-03-02"


def balance_xml(
    code: str, amount: str, *, day: str = DAY, currency: str = "CNY", direction: str = "CRDT", at: str | None = None
) -> str:
    """One `Bal`; `at` gives its day as a date and time."""
    when = f"<Dt>{day}</Dt>" if at is None else f"<DtTm>{at}</DtTm>"
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">{amount}</Amt>'
        f"<CdtDbtInd>{direction}</CdtDbtInd><Dt>{when}</Dt></Bal>"
    )


def balances_xml(opening: str, closing: str, *, day: str = DAY) -> str:
    return balance_xml("OPBD", opening, day=day) + balance_xml("CLBD", closing, day=day)


def stmt_xml(
    *entries: str,
    statement_id: str = "S1",
    account: str = f"<Othr><Id>{ACCOUNT}</Id></Othr>",
    balances: str = balances_xml("0.00", "1280.50"),
    period: str = "",
    pages: str = "",
    summary: str = "",
    after: str = "",
) -> str:
    """One `Stmt` over as many lines as it has parts."""
    return "\n".join(
        (
            f"<Stmt><Id>{statement_id}</Id>{pages}<CreDtTm>2026-03-02T23:00:00+08:00</CreDtTm>{period}"
            f"<Acct><Id>{account}</Id></Acct>",
            balances,
            summary,
            *entries,
            f"{after}</Stmt>",
        )
    )


def statement_file(*statements: str, version: str = "001.08", pages: str = "") -> bytes:
    """A whole camt.053 message; its first `Stmt` begins on line 5."""
    lines = (
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.{version}">',
        "<BkToCstmrStmt>",
        f"<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-03-02T23:00:00+08:00</CreDtTm>{pages}</GrpHdr>",
        *statements,
        "</BkToCstmrStmt></Document>",
    )
    return "\n".join(lines).encode()


def code_xml(sub_family: str, family: str = "ICDT") -> str:
    """A `BkTxCd` of payments."""
    return (
        f"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{sub_family}</SubFmlyCd></Fmly></Domn></BkTxCd>"
    )


def return_xml(reason: str = "AC04") -> str:
    return f"<RtrInf><Rsn><Cd>{reason}</Cd></Rsn></RtrInf>"


MESSAGE_PAGE = "<MsgPgntn><PgNb>{number}</PgNb><LastPgInd>{last}</LastPgInd></MsgPgntn>"
STATEMENT_PAGE = "<StmtPgntn><PgNb>{number}</PgNb><LastPgInd>{last}</LastPgInd></StmtPgntn>"
