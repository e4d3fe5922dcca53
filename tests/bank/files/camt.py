"""camt.054 files by parts: the first entry begins on line 8, and each entry takes one line unless it holds breaks."""

SALT = b"a salt for tests only"
ACCOUNT = "110914000012345678"
FIRST_ENTRY_LINE = 8


def status_xml(version: str, status: str) -> str:
    return f"<Sts><Cd>{status}</Cd></Sts>" if version == "001.08" else f"<Sts>{status}</Sts>"


def entry_xml(
    reference: str | None = "R1",
    amount: str = "1280.50",
    *,
    version: str = "001.08",
    currency: str = "CNY",
    direction: str = "CRDT",
    status: str = "BOOK",
    booked: str = "<BookgDt><Dt>2026-03-02</Dt></BookgDt>",
    valued: str = "<ValDt><Dt>2026-03-03</Dt></ValDt>",
    entry_reference: str | None = None,
    reversal: str = "",
    details: str = "",
    after: str = "",
    code: str = "<BkTxCd><Prtry><Cd>NTRF</Cd></Prtry></BkTxCd>",
) -> str:
    """One `Ntry` that is good unless told otherwise."""
    return (
        "<Ntry>"
        + (f"<NtryRef>{entry_reference}</NtryRef>" if entry_reference else "")
        + f'<Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>{reversal}'
        + status_xml(version, status)
        + booked
        + valued
        + (f"<AcctSvcrRef>{reference}</AcctSvcrRef>" if reference else "")
        + code
        + details
        + after
        + "</Ntry>"
    )


def transaction_xml(
    reference: str | None = "T1",
    amount: str | None = "10.00",
    *,
    version: str = "001.08",
    currency: str = "CNY",
    direction: str | None = None,
    payer: str = "",
    remittance: str = "",
    end_to_end_id: str | None = None,
    code: str = "",
    returned: str = "",
) -> str:
    """One `TxDtls`; in version 001.02 its amount goes where that version has it."""
    references = "".join(
        (
            f"<AcctSvcrRef>{reference}</AcctSvcrRef>" if reference else "",
            f"<EndToEndId>{end_to_end_id}</EndToEndId>" if end_to_end_id else "",
        )
    )
    stated = ""
    if amount is not None:
        money = f'<Amt Ccy="{currency}">{amount}</Amt>'
        side = f"<CdtDbtInd>{direction or 'CRDT'}</CdtDbtInd>"
        stated = f"<AmtDtls><TxAmt>{money}</TxAmt></AmtDtls>" if version == "001.02" else money + side
    return (
        "<TxDtls>"
        + (f"<Refs>{references}</Refs>" if references else "")
        + stated
        + code
        + (f"<RltdPties>{payer}</RltdPties>" if payer else "")
        + (f"<RmtInf>{remittance}</RmtInf>" if remittance else "")
        + returned
        + "</TxDtls>"
    )


def details_xml(*transactions: str, stated: int | None = None) -> str:
    batch = "" if stated is None else f"<Btch><NbOfTxs>{stated}</NbOfTxs></Btch>"
    return f"<NtryDtls>{batch}{''.join(transactions)}</NtryDtls>"


def file_xml(
    *entries: str,
    version: str = "001.08",
    namespace: str | None = None,
    declaration: str = '<?xml version="1.0" encoding="UTF-8"?>',
    account: str = f"<Othr><Id>{ACCOUNT}</Id></Othr>",
    summary: str = "",
    pages: str = "",
    created: str = "2026-03-02T18:00:00+08:00",
) -> bytes:
    """A whole file with one notification."""
    space = namespace or f"urn:iso:std:iso:20022:tech:xsd:camt.054.{version}"
    lines = [
        declaration,
        f'<Document xmlns="{space}">',
        "<BkToCstmrDbtCdtNtfctn>",
        f"<GrpHdr><MsgId>M1</MsgId><CreDtTm>{created}</CreDtTm>{pages}</GrpHdr>",
        "<Ntfctn><Id>N1</Id><CreDtTm>2026-03-02T18:00:00+08:00</CreDtTm>",
        f"<Acct><Id>{account}</Id></Acct>",
        summary,
        *entries,
        "</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>",
    ]
    return "\n".join(lines).encode()
