"""Status reports as banks send them: pain.002 of any version, statuses at any level."""

from xml.sax.saxutils import escape

ORIGINAL = "pain.001.001.09"


def transaction(end_to_end_id: str | None, status: str | None = None, *, reason: str = "", more: str = "") -> str:
    """One `TxInfAndSts`; `more` is what comes after the reason, such as `<AcctSvcrRef>R1</AcctSvcrRef>`."""
    named = "" if end_to_end_id is None else f"<OrgnlEndToEndId>{escape(end_to_end_id)}</OrgnlEndToEndId>"
    stated = "" if status is None else f"<TxSts>{status}</TxSts>"
    why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
    return f"<TxInfAndSts>{named}{stated}{why}{more}</TxInfAndSts>"


def payment(payment_id: str, *transactions: str, status: str | None = None, reason: str = "") -> str:
    """One `OrgnlPmtInfAndSts`."""
    stated = "" if status is None else f"<PmtInfSts>{status}</PmtInfSts>"
    why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
    inner = "\n".join(transactions)
    return f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{payment_id}</OrgnlPmtInfId>{stated}{why}\n{inner}</OrgnlPmtInfAndSts>"


def report(
    message_id: str,
    *payments: str,
    status: str | None = None,
    reason: str = "",
    version: str = "001.12",
    created: str = "2026-09-01T10:00:00+08:00",
    report_id: str = "R-1",
) -> bytes:
    """A whole report."""
    stated = "" if status is None else f"<GrpSts>{status}</GrpSts>"
    why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
    inner = "\n".join(payments)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.{version}"><CstmrPmtStsRpt>\n'
        f"<GrpHdr><MsgId>{report_id}</MsgId><CreDtTm>{created}</CreDtTm></GrpHdr>\n"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{message_id}</OrgnlMsgId><OrgnlMsgNmId>{ORIGINAL}</OrgnlMsgNmId>"
        f"{stated}{why}</OrgnlGrpInfAndSts>\n{inner}\n</CstmrPmtStsRpt></Document>"
    ).encode()
