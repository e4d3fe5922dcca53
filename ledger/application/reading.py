"""Reading views as fresh as the reader needs them, and finding the account that a contract or refund belongs to."""

from typing import Final
from uuid import UUID

from ledger.application.recording import ReadPool
from ledger.domain.errors import LedgerError
from ledger.projections import balances, contracts, instructions, refunds, suspense
from ledger.projections.balances import AccountBalance
from ledger.projections.contracts import ContractBalance
from ledger.projections.event_log import heads
from ledger.projections.instructions import InstructionRecord
from ledger.projections.paging import Scope
from ledger.projections.refund_progress import RefundProgress
from ledger.projections.runner import Runner
from ledger.projections.suspense import SuspenseItem

WAIT_S: Final = 5.0
"""The longest time for which a read waits for a position."""


class Reader:
    """The reading side of one process: the views, and the runner that keeps them up to date."""

    def __init__(self, pool: ReadPool, runner: Runner) -> None:
        self.pool = pool
        self.runner = runner

    async def wait_for(self, partition: int, position: int) -> None:
        """Wait until the views have reached the position. Raises `projection_behind`, `position_not_recorded`."""
        if self.runner.position(partition) >= position:
            return
        recorded = (await self.heads()).get(partition, 0)
        if recorded < position:
            raise LedgerError("position_not_recorded", partition=partition, recorded=recorded, wanted=position)
        await self.runner.wait_for(partition, position, WAIT_S)

    async def catch_up(self, wait_s: float = WAIT_S) -> None:
        """Wait until the views have reached everything that is recorded now. Raises `projection_behind`."""
        for partition, position in (await self.heads()).items():
            await self.runner.wait_for(partition, position, wait_s)

    async def heads(self) -> dict[int, int]:
        """The last recorded position of each partition."""
        async with self.pool.connection() as connection:
            return await heads(connection)

    async def account(self, account_id: str, scope: Scope) -> AccountBalance:
        """The account, if it is in the scope. Raises `account_not_found`."""
        found = await self._account(account_id, scope)
        if found is None:
            await self.catch_up()
            found = await self._account(account_id, scope)
        if found is None:
            raise LedgerError("account_not_found")
        return found

    async def contract(self, contract_id: str, scope: Scope) -> ContractBalance:
        """The contract, if it is in the scope. Raises `contract_not_found`."""
        found = await self._contract(contract_id, scope)
        if found is None:
            await self.catch_up()
            found = await self._contract(contract_id, scope)
        if found is None:
            raise LedgerError("contract_not_found", contract_id=contract_id)
        return found

    async def had_service_before(self, contract: ContractBalance) -> bool:
        """Whether the student had the contract's course or subject here before, on a contract that ended."""
        async with self.pool.connection() as connection:
            return await contracts.had_service(connection, contract)

    async def refund(self, refund_id: str, scope: Scope) -> RefundProgress:
        """The refund, if it is in the scope. Raises `refund_not_found`."""
        found = await self._refund(refund_id, scope)
        if found is None:
            await self.catch_up()
            found = await self._refund(refund_id, scope)
        if found is None:
            raise LedgerError("refund_not_found", refund_id=refund_id)
        return found

    async def instruction(self, instruction_id: str, scope: Scope) -> InstructionRecord:
        """The instruction, if it is in the scope. Raises `instruction_not_found`."""
        found = await self._instruction(instruction_id, scope)
        if found is None:
            await self.catch_up()
            found = await self._instruction(instruction_id, scope)
        if found is None:
            raise LedgerError("instruction_not_found", instruction_id=instruction_id)
        return found

    async def suspense(self, suspense_id: str, scope: Scope) -> SuspenseItem:
        """The receipt in suspense, if it is in the scope. Raises `suspense_not_found`."""
        found = await self._suspense(suspense_id, scope)
        if found is None:
            await self.catch_up()
            found = await self._suspense(suspense_id, scope)
        if found is None:
            raise LedgerError("suspense_not_found", suspense_id=suspense_id)
        return found

    async def _suspense(self, suspense_id: str, scope: Scope) -> SuspenseItem | None:
        if "\0" in suspense_id:
            return None
        async with self.pool.connection() as connection:
            found = await suspense.list_page(connection, suspense_id=suspense_id, only_open=False, scope=scope, limit=1)
        return found[0] if found else None

    async def _account(self, account_id: str, scope: Scope) -> AccountBalance | None:
        known = as_uuid(account_id)
        if known is None:
            return None
        async with self.pool.connection() as connection:
            return await balances.get(connection, known, scope=scope)

    async def _contract(self, contract_id: str, scope: Scope) -> ContractBalance | None:
        if "\0" in contract_id:
            return None
        async with self.pool.connection() as connection:
            account_id = await contracts.locate(connection, contract_id)
            if account_id is None:
                return None
            return await contracts.get(connection, account_id, contract_id, scope=scope)

    async def _refund(self, refund_id: str, scope: Scope) -> RefundProgress | None:
        if "\0" in refund_id:
            return None
        async with self.pool.connection() as connection:
            return await refunds.get(connection, refund_id, scope=scope)

    async def _instruction(self, instruction_id: str, scope: Scope) -> InstructionRecord | None:
        if "\0" in instruction_id:
            return None
        async with self.pool.connection() as connection:
            found = await instructions.list_page(connection, instruction_id=instruction_id, scope=scope, limit=1)
        return found[0] if found else None


def as_uuid(text: str) -> UUID | None:
    """The id of that text, or None: an account's id is opaque to its readers, so another text is no account."""
    try:
        return UUID(text)
    except ValueError:
        return None
