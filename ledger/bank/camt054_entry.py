"""One camt.054 entry: its checks in their documented order, and the split of a batch into its transactions."""

import re
from datetime import date

import msgspec

from ledger.bank.amounts import yuan_to_fen
from ledger.bank.camt054_dates import day
from ledger.bank.contract_reference import canonical_contract, contract_in_text, one_contract
from ledger.bank.entries import BankEntry, Limits
from ledger.bank.findings import EntryProblem
from ledger.bank.intake import Intake
from ledger.bank.tokens import PayerTokens
from ledger.bank.xml_document import Node

_IBAN_SHAPE = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_NOT_PROVIDED = "NOTPROVIDED"
_CURRENCY = "CNY"


class _Common(msgspec.Struct, frozen=True, kw_only=True):
    """What all transactions of an entry share."""

    account_no: str
    credit: bool
    reversal: bool
    booked_on: date
    value_on: date
    number: int


class EntryReader:
    """Reads `Ntry` elements one by one into an intake.

    Checks, in order: account, status, currency, amount, booking date, batch count, batch sum, and then for each
    transaction its reference, texts, direction and whether the reference stood before.
    """

    def __init__(self, intake: Intake, tokens: PayerTokens, limits: Limits) -> None:
        self._intake = intake
        self._tokens = tokens
        self._limits = limits

    def read(self, entry: Node, *, number: int, account_no: str | None) -> None:
        """Offer the entry, or each transaction of its batch, to the intake.

        `account_no` is the notification's; `number` the entry's place in the file. Raises `EntryProblem` for what
        makes the whole entry unusable; a problem of one transaction goes to the intake.
        """
        if account_no is None:
            raise EntryProblem("entry_account_missing", "Acct/Id")
        _require_booked(entry)
        amount_fen = self._amount(entry, "Amt")
        booked_on = day(entry, "BookgDt")
        if booked_on is None:
            raise EntryProblem("entry_date_missing", "BookgDt")
        common = _Common(
            account_no="".join(account_no.split()),
            credit=entry.text("CdtDbtInd") == "CRDT",
            reversal=entry.text("RvslInd") in ("true", "1"),
            booked_on=booked_on,
            value_on=day(entry, "ValDt") or booked_on,
            number=number,
        )
        transactions = entry.all("NtryDtls/TxDtls")
        _require_batch_count(entry)
        if len(transactions) > 1:
            self._read_batch(entry, transactions, common, amount_fen)
        else:
            self._read_single(entry, transactions[0] if transactions else None, common, amount_fen)

    def _read_single(self, entry: Node, details: Node | None, common: _Common, amount_fen: int) -> None:
        if details is not None and (stated := self._transaction_amount(details)) is not None:
            _require_sum(entry_fen=amount_fen, transactions_fen=stated)
        reference = entry.text("AcctSvcrRef") or (details and details.text("Refs/AcctSvcrRef"))
        if not reference:
            reference = entry.text("NtryRef")
            # Some banks put the account there; that is no reference of an entry.
            if reference is None or reference == common.account_no or is_iban(reference):
                raise EntryProblem("entry_reference_missing", "AcctSvcrRef")
        self._intake.offer(
            self._bank_entry(common, reference, amount_fen, common.credit, details or entry, entry, line=entry.line),
            reference_field="AcctSvcrRef",
        )

    def _read_batch(self, entry: Node, transactions: list[Node], common: _Common, amount_fen: int) -> None:
        """A batch is worth nothing unless each transaction has its amount and all add up to the entry."""
        amounts: list[int] = []
        for details in transactions:
            stated = self._transaction_amount(details)
            if stated is None:
                raise EntryProblem("entry_amount_missing", "NtryDtls/TxDtls/Amt")
            amounts.append(stated)
        directions = [_is_credit(details, common.credit) for details in transactions]
        total = sum(fen if credit == common.credit else -fen for fen, credit in zip(amounts, directions, strict=True))
        _require_sum(entry_fen=amount_fen, transactions_fen=total)
        for place, (details, fen, credit) in enumerate(zip(transactions, amounts, directions, strict=True), start=1):
            reference = details.text("Refs/AcctSvcrRef")
            if reference is None:
                self._intake.refuse(
                    EntryProblem("entry_reference_missing", "NtryDtls/TxDtls/Refs/AcctSvcrRef"),
                    line=details.line,
                    entry=common.number,
                    transaction=place,
                )
                continue
            self._intake.offer(
                self._bank_entry(common, reference, fen, credit, details, entry, line=details.line, transaction=place),
                reference_field="NtryDtls/TxDtls/Refs/AcctSvcrRef",
            )

    def _bank_entry(
        self,
        common: _Common,
        reference: str,
        amount_fen: int,
        credit: bool,
        details: Node,
        entry: Node,
        *,
        line: int | None,
        transaction: int | None = None,
    ) -> BankEntry:
        remittance = _remittance(details) or entry.text("AddtlNtryInf") or ""
        payer_name = details.text("RltdPties/Dbtr/Nm", "RltdPties/Dbtr/Pty/Nm", "RltdPties/Dbtr/Agt/FinInstnId/Nm")
        payer_account = details.text("RltdPties/DbtrAcct/Id/IBAN", "RltdPties/DbtrAcct/Id/Othr/Id")
        end_to_end_id = details.text("Refs/EndToEndId")
        return BankEntry(
            bank_reference=reference,
            account_no=common.account_no,
            amount_fen=amount_fen,
            credit=credit,
            reversal=common.reversal,
            booked_on=common.booked_on,
            value_on=common.value_on,
            end_to_end_id=None if end_to_end_id == _NOT_PROVIDED else end_to_end_id,
            contract_reference=_contract(details, remittance),
            remittance=remittance,
            remitter_token=self._tokens.remitter(name=payer_name, account=payer_account),
            payer_route=self._tokens.route(account=payer_account),
            line=line,
            entry=common.number,
            transaction=transaction,
        )

    def _transaction_amount(self, details: Node) -> int | None:
        for path in ("Amt", "AmtDtls/TxAmt/Amt"):
            if details.first(path) is not None:
                return self._amount(details, path)
        return None

    def _amount(self, node: Node, path: str) -> int:
        amount = node.first(path)
        assert amount is not None, "the schema requires the amount"
        currency = amount.attribute("Ccy") or ""
        if currency != _CURRENCY:
            raise EntryProblem("entry_currency_not_cny", f"{path}/@Ccy", currency=currency)
        return yuan_to_fen(amount.content, limit_fen=self._limits.max_amount_fen, field=path)


def is_iban(text: str) -> bool:
    """Whether the text is an account number by IBAN's check digits (ISO 13616)."""
    if not _IBAN_SHAPE.fullmatch(text):
        return False
    return int("".join(str(int(sign, 36)) for sign in text[4:] + text[:4])) % 97 == 1


def _require_booked(entry: Node) -> None:
    status = entry.text("Sts/Cd", "Sts/Prtry", "Sts")
    if status == "PDNG":
        raise EntryProblem("entry_pending", "Sts")
    if status != "BOOK":
        raise EntryProblem("entry_status_not_booked", "Sts", status=status or "-")


def _require_batch_count(entry: Node) -> None:
    """`NbOfTxs` speaks of its `NtryDtls`; banks may leave the transactions out, so none found is no contradiction."""
    for details in entry.all("NtryDtls"):
        stated = details.text("Btch/NbOfTxs")
        count = len(details.all("TxDtls"))
        if stated is not None and count and int(stated) != count:
            raise EntryProblem("entry_batch_count_differs", "NtryDtls/Btch/NbOfTxs", stated=int(stated), found=count)


def _require_sum(*, entry_fen: int, transactions_fen: int) -> None:
    if entry_fen != transactions_fen:
        raise EntryProblem(
            "entry_batch_sum_differs", "NtryDtls/TxDtls/Amt", entry_fen=entry_fen, transactions_fen=transactions_fen
        )


def _is_credit(details: Node, otherwise: bool) -> bool:
    direction = details.text("CdtDbtInd")
    return otherwise if direction is None else direction == "CRDT"


def _remittance(details: Node) -> str | None:
    parts = [node.content for path in ("RmtInf/Ustrd", "RmtInf/Strd/AddtlRmtInf") for node in details.all(path)]
    return " ".join(part for part in parts if part) or details.text("AddtlTxInf")


def _contract(details: Node, remittance: str) -> str | None:
    references = [node.content for node in details.all("RmtInf/Strd/CdtrRefInf/Ref") if node.content]
    if references:
        found = one_contract(references)
        return None if found is None else canonical_contract(found)
    return contract_in_text(remittance)
