"""A small writer of the log for these tests: decides commands in memory and appends through `escrow.append`."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from ledger.domain.account import EscrowAccount
from ledger.domain.commands import (
    ApproveInstruction,
    Command,
    DeclineInstruction,
    OpenAccount,
    PostDeposit,
    SignContract,
)
from ledger.domain.decisions import Context, decide
from ledger.domain.events import Event, Package
from ledger.domain.evolution import evolve
from ledger.domain.partition import partition_of
from ledger.domain.policy import FixedPolicies, Period, Policy
from ledger.storage.mapper import encode_event
from tests.conftest import PARTITIONS

DAY = date(2026, 3, 2)
POLICIES = FixedPolicies(
    {
        "default": Policy(),
        "lawful": Policy(
            pack="lawful", cooling_off_days=7, discount_kept=False, time_cards_by_time=True, refund_decision=Period(3)
        ),
        "kept": Policy(
            pack="kept",
            custody="risk_deposit",
            minimum_formula="one_cycle",
            top_up_cover=True,
            payout_schedule="per_lesson",
            advance_share_bp=5_000,
            payment_dual_control="payouts",
            movement_notice_days=2,
        ),
        "asked": Policy(
            pack="asked",
            confirmation="confirmed",
            deemed_after=Period(3, "days"),
            holding_days=2,
            payment_dual_control="all",
            suspense_return_after_days=5,
        ),
        "charged": Policy(
            pack="charged",
            enforcement=dict.fromkeys(
                (
                    "fee.cap_months",
                    "fee.cap_lessons",
                    "fee.cap_amount",
                    "fee.notice",
                    "fee.guide_price",
                    "fee.too_early",
                    "fee.training_loan",
                    "fee.unit_slip",
                    "contract.model",
                ),
                "alert",
            ),
            fee_cap_months=4,
            fee_cap_lessons=60,
            fee_cap_amount_fen=500_000,
            fee_notice=True,
            fee_guide_price_fen=5_000,
            fee_earliest_months=1,
            fee_loans_refused=True,
            fee_unit_slip=100,
            contract_models=("2021",),
            cash_sweep_days=5,
            offbook_limit_fen=1_000,
        ),
    }
)
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


def account_id(number: int, partition: int = 0) -> UUID:
    """The `number`-th account of a partition."""
    found = UUID(int=(number << 64) + partition)
    assert partition_of(found, PARTITIONS) == partition
    return found


class LogWriter:
    """Accounts in memory, and what they decided in the log. Each command is recorded one second after the last."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.accounts: dict[UUID, EscrowAccount] = {}
        self.now = NOW

    def account(self, account: UUID) -> EscrowAccount:
        return self.accounts.setdefault(account, EscrowAccount(id=account))

    def do(self, *commands: Command) -> int:
        """Decide commands of one partition, append their events, and return the last position."""
        partition = partition_of(commands[0].account_id, PARTITIONS)
        rows: list[tuple[UUID, int, Event]] = []
        for command in commands:
            rows += self.decide(command)
        return self.append(partition, rows)

    def decide(self, command: Command) -> list[tuple[UUID, int, Event]]:
        """The events of a command with their versions; the account in memory has them then."""
        self.now += timedelta(seconds=1)
        account = self.account(command.account_id)
        today = max(command.effective_on, DAY)
        checks = isinstance(command, ApproveInstruction | DeclineInstruction)
        actor = "regulator:checker" if checks else "regulator:test"
        context = Context(recorded_at=self.now, today=today, actor=actor, policies=POLICIES)
        rows: list[tuple[UUID, int, Event]] = []
        for event in decide(account, command, context):
            evolve(account, event)
            rows.append((account.id, account.version, event))
        return rows

    def append(self, partition: int, rows: Sequence[tuple[UUID, int, Event]]) -> int:
        """Append events; returns the last position of the partition."""
        before = self.connection.execute(
            "SELECT escrow.append(%s, NULL, %s, %s::uuid[], %s::bigint[], %s::text[], %s::text[],"
            " array_fill(0::smallint, ARRAY[%s]),"
            " array_fill(NULL::uuid, ARRAY[%s]), array_fill(NULL::bytea, ARRAY[%s]))",
            [
                partition,
                self.now,
                [account for account, _, _ in rows],
                [version for _, version, _ in rows],
                [event.topic for _, _, event in rows],
                [encode_event(event).decode() for _, _, event in rows],
                *[len(rows)] * 3,
            ],
        ).fetchone()
        assert before is not None
        return before[0] + len(rows)

    def open(self, account: UUID, *, bank: str = "ICBK", institution: str = "inst-1", district: str = "310115") -> int:
        """Open an account."""
        return self.do(
            OpenAccount(
                account_id=account,
                effective_on=DAY,
                institution_id=institution,
                bank=bank,
                account_no=f"62{account.int}",
                district=district,
                authorities=("edu", "culture"),
            )
        )

    def sign(
        self, account: UUID, contract_id: str, *, price_fen: int = 100_000, lessons: int = 10, family: str = "family-1"
    ) -> int:
        """Sign a contract of one package."""
        return self.do(
            SignContract(
                account_id=account,
                effective_on=DAY,
                contract_id=contract_id,
                contract_no=f"no-{contract_id}",
                family_id=family,
                student_id=f"student-of-{family}",
                course_id="course-1",
                subject="piano",
                category="arts",
                starts_on=DAY,
                ends_on=DAY + timedelta(days=120),
                lesson_minutes=45,
                packages=(Package(number=1, price_fen=price_fen, paid_lessons=lessons, list_price_fen=price_fen),),
            )
        )

    def deposit(
        self,
        account: UUID,
        reference: str,
        amount_fen: int,
        *,
        contract: str = "",
        on: date = DAY,
        purpose: str = "fee",
    ) -> int:
        """Post a receipt."""
        return self.do(
            PostDeposit(
                account_id=account,
                effective_on=on,
                bank=self.account(account).bank,
                bank_reference=reference,
                amount_fen=amount_fen,
                contract_reference=contract,
                payer_route=f"route-{reference}",
                purpose="reserve" if purpose == "reserve" else "fee",
                suspense_id=f"suspense-{reference}",
                digest="0" * 64,
            )
        )


@contextmanager
def writing(url: str) -> Generator[LogWriter]:
    """A writer on a connection of its own; every append is committed at once."""
    with psycopg.connect(url, autocommit=True) as connection:
        yield LogWriter(connection)
