"""One entry of a camt.053 or camt.054: its checks in their order, and a batch split into its transactions."""

from collections.abc import Iterator
from datetime import date

import msgspec

from ledger.bank.amounts import yuan_to_fen
from ledger.bank.camt_dates import day
from ledger.bank.camt_statement import Head
from ledger.bank.contract_reference import canonical_contract, contract_in_text, one_contract
from ledger.bank.entries import BankEntry, Limits
from ledger.bank.entry_kinds import kind_of
from ledger.bank.entry_references import Unreferenced, given, given_number
from ledger.bank.findings import EntryProblem, EntryRefused
from ledger.bank.intake import Intake, refused
from ledger.bank.tokens import PayerTokens
from ledger.bank.xml_document import Node

_NOT_PROVIDED = "NOTPROVIDED"
_CURRENCY = "CNY"
_REASON_LONGEST = 35


class _Common(msgspec.Struct, frozen=True, kw_only=True):
    """What all transactions of an entry share."""

    account_no: str
    credit: bool
    reversal: bool
    booked_on: date
    value_on: date
    number: int


class EntryReader:
    """Reads the `Ntry` elements of one file one by one.

    Checks, in order: account, status, currency, amount, dates, batch count, batch sum, and then for each transaction
    its reference, texts, direction and whether the reference stood before. With `derives` (statements) an entry
    without a reference of the bank gets one of `Unreferenced`; without, it is refused.
    """

    def __init__(self, intake: Intake, tokens: PayerTokens, limits: Limits, *, derives: bool) -> None:
        self._intake = intake
        self._tokens = tokens
        self._limits = limits
        self._derives = derives

    def read(self, entry: Node, *, number: int, head: Head, position: int) -> Iterator[BankEntry | EntryRefused]:
        """The entry, or each transaction of its batch, usable or refused.

        `number` is the entry's place in the file, `position` its place in its statement or notification (`head`).
        """
        try:
            common = self._common(entry, number=number, head=head)
            amount_fen = self._amount(entry, "Amt")
            transactions = entry.all("NtryDtls/TxDtls")
            _require_batch_count(entry)
            amounts = [amount_fen]
            if len(transactions) > 1:
                amounts = self._batch_amounts(transactions, common, amount_fen)
            elif transactions and (stated := self._transaction_amount(transactions[0])) is not None:
                _require_sum(entry_fen=amount_fen, transactions_fen=stated)
        except EntryProblem as problem:
            yield refused(problem, line=entry.line, entry=number)
            return
        one = _One(self, entry, common, head, position)
        if len(transactions) <= 1:
            yield one.take(transactions[0] if transactions else None, amount_fen, common.credit)
            return
        for place, details in enumerate(transactions, start=1):
            yield one.take(details, amounts[place - 1], _is_credit(details, common.credit), place)

    def _common(self, entry: Node, *, number: int, head: Head) -> _Common:
        if head.account_no is None:
            raise EntryProblem("entry_account_missing", "Acct/Id")
        _require_booked(entry)
        self._amount(entry, "Amt")
        booked_on = day(entry, "BookgDt")
        if booked_on is None:
            raise EntryProblem("entry_date_missing", "BookgDt")
        return _Common(
            account_no=head.account_no,
            credit=entry.text("CdtDbtInd") == "CRDT",
            reversal=entry.text("RvslInd") in ("true", "1"),
            booked_on=booked_on,
            value_on=day(entry, "ValDt") or booked_on,
            number=number,
        )

    def _batch_amounts(self, transactions: list[Node], common: _Common, amount_fen: int) -> list[int]:
        """A batch is worth nothing unless each transaction has its amount and all add up to the entry."""
        amounts: list[int] = []
        for details in transactions:
            stated = self._transaction_amount(details)
            if stated is None:
                raise EntryProblem("entry_amount_missing", "NtryDtls/TxDtls/Amt")
            amounts.append(stated)
        total = sum(
            fen if _is_credit(details, common.credit) == common.credit else -fen
            for fen, details in zip(amounts, transactions, strict=True)
        )
        _require_sum(entry_fen=amount_fen, transactions_fen=total)
        return amounts

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

    def judge(self, entry: BankEntry, *, reference_field: str) -> BankEntry | EntryRefused:
        return self._intake.judge(entry, reference_field=reference_field)

    def remitter(self, details: Node) -> tuple[str | None, str | None]:
        """The tokens of the payer and of the payer's account."""
        name = details.text("RltdPties/Dbtr/Nm", "RltdPties/Dbtr/Pty/Nm", "RltdPties/Dbtr/Agt/FinInstnId/Nm")
        account = details.text("RltdPties/DbtrAcct/Id/IBAN", "RltdPties/DbtrAcct/Id/Othr/Id")
        return self._tokens.remitter(name=name, account=account), self._tokens.route(account=account)

    @property
    def derives(self) -> bool:
        return self._derives


class _One:
    """Makes the `BankEntry` of an entry, or of each of its transactions."""

    def __init__(self, reader: EntryReader, entry: Node, common: _Common, head: Head, position: int) -> None:
        self._reader = reader
        self._entry = entry
        self._common = common
        self._head = head
        self._position = position

    def take(
        self, details: Node | None, amount_fen: int, credit: bool, place: int | None = None
    ) -> BankEntry | EntryRefused:
        """`place` is that of a transaction in a batch; its reference is then its own, never the whole entry's."""
        common, entry = self._common, self._entry
        field = "AcctSvcrRef" if place is None else "NtryDtls/TxDtls/Refs/AcctSvcrRef"
        line = entry.line if place is None or details is None else details.line
        reference = self._reference(details, amount_fen, credit, place)
        if reference is None:
            problem = EntryProblem("entry_reference_missing", field)
            return refused(problem, line=line, entry=common.number, transaction=place)
        node = details or entry
        remittance = _remittance(node) or entry.text("AddtlNtryInf") or ""
        end_to_end_id = _end_to_end_id(node)
        remitter_token, payer_route = self._reader.remitter(node)
        return_reason = node.text("RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry") or ""
        kind = kind_of(
            credit=credit,
            reversal=common.reversal,
            returned=node.first("RtrInf") is not None,
            codes=frozenset(_codes(node, entry)),
            words=_words(node, entry),
            end_to_end_id=end_to_end_id,
        )
        found = BankEntry(
            bank_reference=reference,
            account_no=common.account_no,
            amount_fen=amount_fen,
            credit=credit,
            reversal=common.reversal,
            booked_on=common.booked_on,
            value_on=common.value_on,
            end_to_end_id=end_to_end_id,
            kind=kind,
            return_reason=return_reason[:_REASON_LONGEST],
            contract_reference=_contract(node, remittance),
            remittance=remittance,
            remitter_token=remitter_token,
            payer_route=payer_route,
            line=line,
            entry=common.number,
            transaction=place,
            statement=self._head.number if self._reader.derives else None,
        )
        return self._reader.judge(found, reference_field=field)

    def _reference(self, details: Node | None, amount_fen: int, credit: bool, place: int | None) -> str | None:
        entry, account_no = self._entry, self._common.account_no
        of_entry = given(entry.text("AcctSvcrRef"))
        of_details = None if details is None else given(details.text("Refs/AcctSvcrRef"))
        of_number = given_number(entry.text("NtryRef"), account_no)
        if place is None:
            found = of_entry or of_details or of_number
        else:
            found = of_details
            if found is None and self._reader.derives and (whole := of_entry or of_number) is not None:
                found = f"{whole}/{place}"
        if found is not None or not self._reader.derives:
            return found
        return Unreferenced(
            account_no=account_no,
            statement_id=self._head.page_id,
            position=self._position,
            transaction=place or 0,
            amount_fen=amount_fen,
            credit=credit,
            booked_on=self._common.booked_on,
            value_on=self._common.value_on,
            end_to_end_id=_end_to_end_id(details or entry) or "",
            entry_reference=entry.text("NtryRef") or "",
            codes=tuple(_codes(details or entry, entry)),
        ).reference()


def _require_booked(entry: Node) -> None:
    status = entry.text("Sts/Cd", "Sts/Prtry", "Sts")
    if status in ("PDNG", "FUTR"):
        raise EntryProblem("entry_pending", "Sts")
    if status == "INFO":
        raise EntryProblem("entry_for_information", "Sts")
    if status != "BOOK":
        raise EntryProblem("entry_status_not_booked", "Sts", status=status or "-")


def _require_batch_count(entry: Node) -> None:
    """`NbOfTxs` speaks of its `NtryDtls`. A batch that keeps its transactions to itself is not used at all.

    Their own references would come with the details, and the same money would count twice.
    """
    for details in entry.all("NtryDtls"):
        batch = details.first("Btch")
        if batch is None:
            continue
        stated = batch.text("NbOfTxs")
        count = len(details.all("TxDtls"))
        if count == 0 and stated != "1":
            raise EntryProblem("entry_batch_without_details", "NtryDtls/TxDtls", stated=stated or "-")
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


def _end_to_end_id(details: Node) -> str | None:
    found = details.text("Refs/EndToEndId")
    return None if found == _NOT_PROVIDED else found


def _codes(details: Node, entry: Node) -> list[str]:
    """The bank transaction sub-family, the transaction's own before the entry's."""
    found = details.text("BkTxCd/Domn/Fmly/SubFmlyCd") or entry.text("BkTxCd/Domn/Fmly/SubFmlyCd")
    return [] if found is None else [found]


def _words(details: Node, entry: Node) -> str:
    """What the bank wrote: its own codes and additional information, nothing that the payer wrote."""
    texts = (
        details.text("BkTxCd/Prtry/Cd"),
        entry.text("BkTxCd/Prtry/Cd"),
        details.text("AddtlTxInf"),
        entry.text("AddtlNtryInf"),
    )
    return " ".join(text for text in texts if text)


def _contract(details: Node, remittance: str) -> str | None:
    references = [node.content for node in details.all("RmtInf/Strd/CdtrRefInf/Ref") if node.content]
    if references:
        found = one_contract(references)
        return None if found is None else canonical_contract(found)
    return contract_in_text(remittance)
