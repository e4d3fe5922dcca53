"""An institution that closes at one bank, another that goes on at a second: a transfer as both banks' files have it."""

from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from ledger.application.bank_files import FileResult, import_bank_file
from ledger.application.caller import Caller
from ledger.application.continuity import carry_out_transfers
from ledger.application.payment_content import write_message
from ledger.application.payment_messages import make_message
from ledger.application.payment_status import StatusResult, import_status
from ledger.application.reconciliation import Reconciled, reconcile_day
from ledger.application.wind_down import distribute_claims, start_wind_down
from ledger.bank.amounts import fen_to_yuan
from ledger.bank.pain001 import NAME
from ledger.bank.pain_schemas import namespace_of_pain
from ledger.bank.xml_document import Node, parse
from ledger.domain import commands as c
from ledger.domain.account import EscrowAccount
from ledger.domain.errors import LedgerError
from ledger.projections import reconciliation_queries
from ledger.projections.paging import EVERYTHING
from ledger.projections.reconciliation_rows import BreakRecord
from tests.application.payment_books import DAY, Books, account_of, caller
from tests.bank.files.camt import details_xml, entry_xml, file_xml, transaction_xml
from tests.bank.files.pain import payment, report, transaction
from tests.bank.files.statement import balances_xml, return_xml, statement_file, stmt_xml

GIVING, RECEIVING = "ICBK", "CCBK"
OLD, NEW = account_of(1), account_of(2)
PAID_FEN = 10_000
LEFT_FEN = 7_000
"""What is left of the family's fees after three of ten lessons."""

_ORDER = (
    "PmtId/EndToEndId",
    "Amt/InstdAmt",
    "CdtrAcct/Id/Othr/Id",
    "CdtrAcct/Id/Othr/SchmeNm/Prtry",
    "RmtInf/Ustrd",
)


class Order(NamedTuple):
    """The one order of a pain.001, as the bank reads it; a transfer's text travels to the other bank."""

    end_to_end_id: str
    amount: str
    account_no: str
    scheme: str
    text: str


class TwoBanks:
    """The family chose to go on at the new institution; what its bank is asked is in the next message."""

    def __init__(self, books: Books, *, receiving: str = RECEIVING) -> None:
        self.books = books
        self._receiving = receiving
        self._cash_fen = {OLD: 0, NEW: 0}
        self._files: list[tuple[str, bytes]] = []

    async def set_up(self, *, wound_up: bool = False) -> None:
        """Both institutions with a family each, and the old one's moved by its own choice: after a notice, or of what
        it was given in a wind-down."""
        for number, bank in ((1, GIVING), (2, self._receiving)):
            await self.books.open(number, bank=bank, paid_fen=PAID_FEN)
        ledger, until = self.books.ledger, DAY + timedelta(days=60)
        await self.books.do(
            NEW,
            c.OfferContinuity,
            offer_id="offer",
            from_account_id=str(OLD),
            course_id="piano",
            lesson_minutes=45,
            ends_on=until,
            until_on=until,
        )
        if wound_up:
            await start_wind_down(ledger, caller("start"), account_id=OLD, reason="order", on=DAY)
        else:
            await self.books.do(OLD, c.NotifyClosure, closes_on=until, reason="lease")
        await self.books.do(OLD, c.AcceptContinuity, contract_id="c1", offer_id="offer", to_account_id=str(NEW))
        if wound_up:
            await distribute_claims(ledger, caller("share"), account_id=OLD, on=DAY)
        else:
            assert await carry_out_transfers(ledger, "clock:test", OLD) == {"done": 1}

    def account(self, account_id: UUID) -> EscrowAccount:
        return self.books.ledger.account_at_version(account_id)

    async def order(self, message_id: str) -> Order:
        """The order to move the money, as it stands in a message of that id."""
        asked = caller(message_id)
        made = await make_message(self.books.ledger, self.books.reader, asked, bank=GIVING, message_id=message_id)
        data = await write_message(made.content, "pain.001")
        root = Node(parse(data).getroot(), namespace_of_pain(NAME))
        [one] = root.all("CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf")
        return Order(*(one.text(path) or "" for path in _ORDER))

    async def status(self, message_id: str, order: Order, status: str, *, reason: str = "") -> StatusResult:
        """The giving bank's pain.002."""
        said = transaction(order.end_to_end_id, status, reason=reason)
        data = report(message_id, payment(f"{message_id}-1", said), created=f"{self.today}T15:00:00+08:00")
        key = f"{message_id}-{status}"
        return await import_status(self.books.ledger, self.books.reader, caller(key), bank=GIVING, data=data)

    async def debited(self, order: Order, reference: str, *, whole: bool = True) -> FileResult:
        """The giving bank's books: `whole` as the day's statement, else as a notice of the entry alone."""
        details = details_xml(transaction_xml(None, order.amount, direction="DBIT", end_to_end_id=order.end_to_end_id))
        return await self._booked(OLD, self._entry(reference, order.amount, "DBIT", details), -LEFT_FEN, whole=whole)

    async def returned(self, order: Order, reference: str) -> FileResult:
        """The giving bank's books: the other bank sent the money back, under the order's id."""
        details = details_xml(
            transaction_xml(None, order.amount, end_to_end_id=order.end_to_end_id, returned=return_xml())
        )
        return await self._booked(OLD, self._entry(reference, order.amount, "CRDT", details), LEFT_FEN, whole=True)

    async def credited(
        self, order: Order, reference: str, *, whole: bool = True, text: str | None = None
    ) -> FileResult:
        """The receiving bank's books: with the order's id and text (or what the bank left of it), and the payer's
        account."""
        entry = self._credit(order, reference, order.text if text is None else text)
        return await self._booked(NEW, entry, LEFT_FEN, whole=whole)

    async def credit_refused(self, order: Order, reference: str) -> str:
        """The code by which a notice of the credit is refused."""
        file = file_xml(self._credit(order, reference, order.text), account="<Othr><Id>6222-0002</Id></Othr>")
        [refused] = (await self._import(self._receiving, file)).results
        assert isinstance(refused.outcome, LedgerError)
        return refused.outcome.code

    def _credit(self, order: Order, reference: str, text: str) -> str:
        details = details_xml(
            transaction_xml(
                None,
                order.amount,
                end_to_end_id=order.end_to_end_id,
                payer="<DbtrAcct><Id><Othr><Id>6222-0001</Id></Othr></Id></DbtrAcct>",
                remittance=f"<Ustrd>{text}</Ustrd>" if text else "",
            )
        )
        return self._entry(reference, order.amount, "CRDT", details)

    async def quiet(self, account_id: UUID) -> FileResult:
        """The bank's statement of a day on which it booked nothing but, on the first, the family's fees."""
        return await self._booked(account_id, "", 0, whole=True)

    async def _booked(self, account_id: UUID, entry: str, amount_fen: int, *, whole: bool) -> FileResult:
        number = 1 if account_id == OLD else 2
        of_account = f"<Othr><Id>6222-{number:04}</Id></Othr>"
        if not whole:
            return await self._bring(account_id, file_xml(entry, account=of_account))
        opening_fen = self._cash_fen[account_id]
        entries = [entry] if entry else []
        if self.today == DAY:
            opening_fen, amount_fen = 0, amount_fen + PAID_FEN
            entries.insert(0, self._entry(f"entry-{number}", fen_to_yuan(PAID_FEN), "CRDT", ""))
        self._cash_fen[account_id] = opening_fen + amount_fen
        balances = balances_xml(
            fen_to_yuan(opening_fen), fen_to_yuan(opening_fen + amount_fen), day=self.today.isoformat()
        )
        statement = stmt_xml(*entries, statement_id=f"{number}-{self.today}", account=of_account, balances=balances)
        return await self._bring(account_id, statement_file(statement))

    async def _bring(self, account_id: UUID, data: bytes) -> FileResult:
        """A file of the account's bank, twice: the second time nothing is new."""
        bank = GIVING if account_id == OLD else self._receiving
        self._files.append((bank, data))
        result = await self._import(bank, data)
        assert not [one for one in result.results if isinstance(one.outcome, Exception)]
        assert not [one for one in result.statements if isinstance(one.outcome, Exception)]
        before = await self.books.events()
        again = await self._import(bank, data)
        assert not [one for one in again.results if isinstance(one.outcome, Exception)]
        assert await self.books.events() == before
        return result

    async def bring_all_again(self) -> None:
        """Every file that came so far, once more: nothing is new, and nothing is refused."""
        before = await self.books.events()
        for bank, data in self._files:
            again = await self._import(bank, data)
            assert not [one for one in (*again.results, *again.statements) if isinstance(one.outcome, Exception)]
        assert await self.books.events() == before

    async def _import(self, bank: str, data: bytes) -> FileResult:
        ledger, pool = self.books.ledger, self.books.reader.pool
        salt = b"a salt for tests only"
        return await import_bank_file(ledger, pool, Caller("operator:test"), bank=bank, data=data, salt=salt)

    def _entry(self, reference: str, amount: str, direction: str, details: str) -> str:
        on = self.today
        return entry_xml(
            reference,
            amount,
            direction=direction,
            booked=f"<BookgDt><Dt>{on}</Dt></BookgDt>",
            valued=f"<ValDt><Dt>{on}</Dt></ValDt>",
            details=details,
        )

    async def reconcile(self) -> Reconciled:
        """Both accounts with their banks, through today."""
        ledger, reader = self.books.ledger, self.books.reader
        return await reconcile_day(ledger, reader, Caller("clock:test"), scope=EVERYTHING, on=self.today)

    async def breaks(self) -> list[BreakRecord]:
        """The open breaks of both accounts."""
        await self.books.reader.catch_up()
        async with self.books.reader.pool.connection() as connection:
            return await reconciliation_queries.list_breaks(connection, state="open")

    async def topics(self, account_id: UUID) -> list[str]:
        """What was recorded of the account's transfers, and of receipts that nobody could explain."""
        query = "SELECT topic FROM escrow.events WHERE account_id = %s AND topic LIKE ANY (%s) ORDER BY position"
        like = ["account.continuity%", "account.transfer%", "account.deposit_held%"]
        async with self.books.reader.pool.connection() as connection:
            return [row[0] for row in await (await connection.execute(query, [account_id, like])).fetchall()]

    async def close(self, account_id: UUID) -> None:
        await self.books.do(account_id, c.CloseDay, effective_on=self.today)

    @property
    def today(self) -> date:
        return self.books.ledger.today()

    def tomorrow(self) -> None:
        self.books.clock.now += timedelta(days=1)
