"""A city's store: 5,160 institutions with contracts, payments, lessons, refunds, alerts and cases, one with a lot."""

from datetime import date
from uuid import UUID, uuid4

from benchmarks.made_up import execute_all
from ledger.application.ledger import Ledger
from ledger.domain.commands import (
    Command,
    DeliverLesson,
    OpenAccount,
    PostDeposit,
    RequestRefund,
    SetMinimumBalance,
    SignContract,
)
from ledger.domain.commands.cases import OpenCase
from ledger.domain.events import Package
from ledger.storage.requests import Request

INSTITUTIONS = 5_160
DISTRICTS = tuple(f"3307{number:02}" for number in range(2, 11))
BANKS = ("ICBC", "ABC", "CCB", "BOC")
"""Both in turn; the busy account's are the first ones."""
CONTRACTS = 4
LESSONS = 5
BUSY_CONTRACTS = 100
BUSY_PAYMENTS = 20_000
FAMILY = "family-0"
"""Whose the busy account's contracts are."""
COURSE = "music-1"
_PRICE_FEN = 160_000
_BATCH = 5_000


class City:
    """The ids of what is made. `busy` is the account of institution `i-0`, with a long history."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.accounts = [uuid4() for _ in range(INSTITUTIONS)]
        self._numbers = {account_id: number for number, account_id in enumerate(self.accounts)}
        self.busy = self.accounts[0]

    async def fill(self, ledger: Ledger) -> None:
        """Record everything; what is refused ends the measurement."""
        await self._do(ledger, [self._opening(number) for number in range(INSTITUTIONS)])
        contracts = [(account, number) for account in self.accounts for number in self._contracts(account)]
        await self._do(ledger, [self._signing(account, number) for account, number in contracts])
        await self._do(ledger, [self._paying(account, number, number) for account, number in contracts])
        more = range(BUSY_CONTRACTS, BUSY_PAYMENTS)
        await self._do(ledger, [self._paying(self.busy, n % BUSY_CONTRACTS, n, amount_fen=100) for n in more])
        await self._do(ledger, [self._teaching(account, n) for n in range(LESSONS) for account in self.accounts])
        # A fifth holds less than its minimum, which alerts; a tenth has a receipt that nobody explained.
        await self._do(ledger, [self._minimum(account) for account in self.accounts[::5]])
        await self._do(ledger, [self._unexplained(account) for account in self.accounts[::10]])
        await self._do(ledger, [self._refund(account) for account in self.accounts[::4]])
        await self._do(ledger, [self._case(number) for number in range(0, INSTITUTIONS, 10)])

    async def _do(self, ledger: Ledger, commands: list[Command]) -> None:
        for start in range(0, len(commands), _BATCH):
            requests = [Request(command, "operator:bench") for command in commands[start : start + _BATCH]]
            await execute_all(ledger, requests)

    def _contracts(self, account_id: UUID) -> range:
        return range(BUSY_CONTRACTS if account_id == self.busy else CONTRACTS)

    def _opening(self, number: int) -> Command:
        return OpenAccount(
            account_id=self.accounts[number],
            effective_on=self.today,
            institution_id=f"i-{number}",
            bank=BANKS[number % len(BANKS)],
            account_no=self.accounts[number].hex,
            district=DISTRICTS[number % len(DISTRICTS)],
            authorities=("education",),
        )

    def _signing(self, account_id: UUID, number: int) -> Command:
        package = Package(number=1, price_fen=_PRICE_FEN, paid_lessons=40, list_price_fen=_PRICE_FEN)
        family = FAMILY if account_id == self.busy else f"family-{account_id}-{number}"
        return SignContract(
            account_id=account_id,
            effective_on=self.today,
            contract_id=f"{account_id}-{number}",
            contract_no=f"HT-{number}",
            family_id=family,
            student_id=f"student-of-{family}",
            course_id=COURSE,
            subject="music",
            category="arts",
            starts_on=self.today,
            ends_on=date(self.today.year + 1, 1, 31),
            lesson_minutes=45,
            packages=(package,),
        )

    def _paying(self, account_id: UUID, number: int, payment: int, *, amount_fen: int = _PRICE_FEN // 2) -> Command:
        reference = f"{account_id}-p{payment}"
        return PostDeposit(
            account_id=account_id,
            effective_on=self.today,
            bank=BANKS[self._numbers[account_id] % len(BANKS)],
            bank_reference=reference,
            amount_fen=amount_fen,
            contract_reference=f"{account_id}-{number}" if number >= 0 else "",
            payer_route="route-of-the-payer",
            suspense_id=f"suspense-{reference}",
            digest="0" * 32,
        )

    def _unexplained(self, account_id: UUID) -> Command:
        return self._paying(account_id, -1, -1, amount_fen=777)

    def _teaching(self, account_id: UUID, number: int) -> Command:
        contracts = tuple(f"{account_id}-{n}" for n in self._contracts(account_id)[1:])
        return DeliverLesson(
            account_id=account_id,
            effective_on=self.today,
            lesson_id=f"lesson-{account_id}-{number}",
            course_id=COURSE,
            teacher_id=f"teacher-{account_id}",
            minutes=45,
            contracts=contracts,
        )

    def _minimum(self, account_id: UUID) -> Command:
        return SetMinimumBalance(
            account_id=account_id, effective_on=self.today, amount_fen=100 * _PRICE_FEN, reason="measured"
        )

    def _refund(self, account_id: UUID) -> Command:
        return RequestRefund(
            account_id=account_id,
            effective_on=self.today,
            refund_id=f"refund-{account_id}",
            contract_id=f"{account_id}-0",
            reason="measured",
        )

    def _case(self, number: int) -> Command:
        return OpenCase(
            account_id=uuid4(),
            effective_on=self.today,
            kind="complaint",
            source="regulator",
            owner=f"{DISTRICTS[number % len(DISTRICTS)]}/education",
            institution_id=f"i-{number}",
            reason="measured",
            about_account_id=str(self.accounts[number]),
            contract_id=f"{self.accounts[number]}-1",
            family_id=FAMILY if number == 0 else "",
        )
