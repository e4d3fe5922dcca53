"""Rules of the machine: payouts and advances, the bank's word, the regulator, reconciliation and alerts."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.cost_advance import cost_advance
from ledger.domain.free_for_payout import free_for_payout
from ledger.domain.reconciliation.findings import DayFigures, Difference
from tests.model.life_laws import PACKS
from tests.model.living_ledger import BANK, LivingLedger, amounts, picks

SCOPES: tuple[e.FreezeScope, ...] = ("all", "payouts", "lessons", "contracts")
LISTINGS: tuple[e.Listing, ...] = ("normal", "watch", "white", "normal", "black")
KINDS: tuple[e.BreakKind, ...] = ("missing_at_bank", "settlement_missing", "statement_missing")


class Authorities(LivingLedger):
    """Whoever is no family."""

    # money out

    @rule(
        kind=st.sampled_from([c.RequestPayout, c.RequestPayout, c.RequestAdvance]),
        part=st.sampled_from([1, 1, 2]),
        short_fen=st.sampled_from([0, 0, 1, 40]),
    )
    def take_out(self, kind: Any, part: int, short_fen: int) -> None:
        """A fen more than what is free is refused, every time, also where the minimum balance is what binds."""
        if short_fen:
            floor_fen = self.books.cash - self.books.in_flight - self.books.earned + short_fen
            self.attempt(c.SetMinimumBalance, amount_fen=max(0, floor_fen), reason="size")
        policy = self.policies.of(self.account().pack, self.today)
        if kind is c.RequestPayout:
            free_fen = free_for_payout(self.account(), self.today).free_fen
        else:
            free_fen = cost_advance(self.account(), policy, self.today).available_fen
        too_much = self.attempt(kind, instruction_id=self.fresh("order"), amount_fen=free_fen + 1)
        assert too_much == ()
        self.attempt(kind, instruction_id=self.fresh("order"), amount_fen=free_fen // part)

    @precondition(lambda self: self.account().instructions)
    @rule(
        pick=picks,
        word=st.sampled_from(["settled", "settled", "settled", "rejected", "returned"]),
        every=st.booleans(),
        off=picks,
    )
    def bank_speaks(self, pick: int, word: c.SettlementOutcome, every: bool, off: int) -> None:
        """The bank's word on one order, now and then with another amount, or on all."""
        orders = self.account().instructions
        paid = [i for i, order in orders.items() if order.state == "paid"]
        waiting = [i for i, order in orders.items() if order.state != "paid"]
        fitting = (paid if word == "returned" else waiting) or list(orders)
        if every:
            for instruction_id in fitting:
                self.say(instruction_id, word)
        else:
            self.say(self.choose(fitting, pick, "nothing"), word, more_fen=int(off == 29))

    def say(self, instruction_id: str, word: c.SettlementOutcome, *, more_fen: int = 0) -> None:
        """The bank's word on an order."""
        order = self.account().instructions.get(instruction_id)
        entry = self.reference() if word != "rejected" else ""
        self.attempt(
            c.SettleInstruction,
            bank=BANK,
            instruction_id=instruction_id,
            outcome=word,
            amount_fen=(order.amount_fen if order else 1) + more_fen,
            bank_reference=entry,
            digest=entry,
            reason="by the bank",
        )

    @precondition(lambda self: self.account().instructions)
    @rule(pick=picks, what=st.sampled_from(["approve", "approve", "own", "decline", "export"]))
    def handle_orders(self, pick: int, what: str) -> None:
        """A second person approves or declines; messages to the bank are made."""
        orders = list(self.account().instructions)
        one = self.choose(orders, pick, "nothing")
        match what:
            case "approve":
                self.attempt(c.ApproveInstruction, actor="regulator:second", instruction_ids=tuple(orders[:3]))
                self.attempt(c.ApproveInstruction, actor="regulator:second", instruction_ids=(one,))
            case "own":
                self.attempt(c.ApproveInstruction, instruction_ids=(one,))
            case "decline":
                self.attempt(c.DeclineInstruction, actor="regulator:second", instruction_id=one, reason="not as agreed")
            case _:
                at = datetime(self.today.year, self.today.month, self.today.day, 9, tzinfo=UTC)
                said: dict[str, Any] = {"message_id": self.fresh("message"), "message_at": at, "execute_on": self.today}
                self.attempt(c.ExportInstructions, bank=BANK, **said, instruction_ids=tuple(orders[: 1 + pick % 4]))

    # the regulator

    @rule(
        what=st.sampled_from(["minimum", "hold", "unhold", "rate", "list", "policy", "policy", "authority", "end"]),
        pick=picks,
    )
    def regulate(self, what: str, pick: int) -> None:
        match what:
            case "minimum":
                amount_fen = max(0, self.books.cash - 7 * pick) if pick % 2 else 7 * pick
                self.attempt(c.SetMinimumBalance, amount_fen=amount_fen, reason="size")
            case "hold":
                self.attempt(c.HoldFunds, hold_id=self.fresh("hold"), amount_fen=pick + 1, reason="complaint")
            case "unhold":
                hold_id = self.choose(list(self.account().holds), pick, "none")
                self.attempt(c.ReleaseHold, hold_id=hold_id, reason="settled")
            case "rate":
                self.attempt(c.RateInstitution, rating="ABC"[pick % 3], reason="annual check")
            case "list":
                self.attempt(c.ListInstitution, listing=LISTINGS[pick % 5], reason="inspection")
            case "end":
                empty = [i for i, one in self.account().contracts.items() if not one.prepaid_fen]
                contract_id = self.choose(empty or list(self.account().contracts), pick, "nobody's")
                self.attempt(c.EndContract, contract_id=contract_id, reason="finished")
            case "policy":
                self.attempt(c.AssignPolicy, pack=PACKS[pick % len(PACKS)], reason="moved")
            case _:
                self.attempt(c.ChangeAuthority, authorities=("education", "sports"), reason="second licence")

    @rule(what=st.sampled_from(["freeze", "suspend", "release"]), pick=picks, amount_fen=amounts)
    def stop_or_start(self, what: str, pick: int, amount_fen: int) -> None:
        """Freezes and suspensions are short, or nothing would happen."""
        account = self.account()
        if account.frozen and pick < 28:
            self.attempt(c.UnfreezeAccount, scope=account.frozen[0], reason="order")
        elif account.suspended_on and pick < 28:
            self.attempt(c.ResumeAccount, reason="dry")
        elif what == "freeze":
            self.attempt(c.FreezeAccount, scope=SCOPES[pick % 4], reason="order")
        elif what == "suspend":
            self.attempt(c.SuspendAccount, back=pick % 3, reason="flood")
        else:
            self.attempt(c.ReleaseReserve, amount_fen=min(amount_fen, account.buckets.reserve + 1), reason="rating")

    @rule(amount_fen=amounts, period=st.sampled_from(["lesson", "course", "month", "announce", "announce"]))
    def publish(self, amount_fen: int, period: Any) -> None:
        """A price, or a large withdrawal."""
        if period == "announce":
            self.attempt(c.AnnouncePayout, amount_fen=amount_fen)
            return
        said: dict[str, Any] = {"unit_price_fen": amount_fen, "period": period, "minutes": 45}
        self.attempt(c.PublishFeeNotice, course_id="course", category="arts", valid_from=self.today, **said)

    # the bank's truth

    @rule(what=st.sampled_from(["debit", "restore", "reserve", "reserve", "opening"]), amount_fen=amounts)
    def move_own_money(self, what: str, amount_fen: int) -> None:
        entry = self.reference()
        said: dict[str, Any] = {"bank": BANK, "bank_reference": entry, "digest": entry, "amount_fen": amount_fen}
        match what:
            case "debit":
                said["amount_fen"] = amount_fen // 4 + 1
                self.attempt(c.RecordUnexplainedDebit, **said, kind="seizure")
            case "restore":
                said["amount_fen"] = max(1, self.books.shortage)
                self.attempt(c.RestoreUnexplainedDebit, **said)
            case "reserve":
                self.attempt(c.PostDeposit, **said, suspense_id=f"suspense-{entry}", purpose="reserve")
            case _:
                parts: dict[str, Any] = {"earned_fen": amount_fen, "reserve_fen": 1, "suspense_fen": 2}
                self.attempt(c.ImportOpeningBalance, cash_fen=amount_fen + 3, **parts, document="count")

    @rule(pick=picks, short_fen=picks, what=st.sampled_from(["say", "compare", "compare", "see_to", "end"]))
    def reconcile(self, pick: int, short_fen: int, what: str) -> None:
        """What the bank does not have is not paid out, until a comparison or somebody explains it."""
        account = self.account()
        break_id = self.choose(list(account.breaks), pick, "none")
        match what:
            case "say":
                said: dict[str, Any] = {
                    "statement_id": self.fresh("statement"),
                    "balance_fen": self.books.cash - short_fen,
                }
                self.attempt(c.ReportBankBalance, bank=BANK, **said)
                self._statement(short_fen)
            case "compare":
                self._compare(pick, short_fen)
            case "see_to":
                self.attempt(c.AssignBreak, break_id=break_id, assignee="office", note="ask")
            case _:
                self.attempt(c.ResolveBreak, break_id=break_id, reason="explained", link="letter")

    def _statement(self, short_fen: int) -> None:
        entry = e.StatementEntry(
            entry_reference=self.reference(), amount_fen=short_fen - 40, booked_on=self.today, kind="unknown"
        )
        self.attempt(
            c.RecordBankStatement,
            bank=BANK,
            statement_id=self.fresh("statement"),
            from_on=self.today,
            to_on=self.today,
            opening_fen=self.books.cash,
            closing_fen=self.books.cash + short_fen - 40,
            entries=(entry,),
        )

    def _compare(self, pick: int, short_fen: int) -> None:
        account = self.account()
        again = [
            Difference(kind=one.kind, subject=one.subject, since_on=one.since_on, difference_fen=one.difference_fen)
            for number, one in enumerate(account.breaks.values())
            if number % 2 == pick % 2
        ]
        new = Difference(
            kind=KINDS[pick % 3],
            subject=f"subject-{pick % 4}",
            since_on=self.today,
            difference_fen=-short_fen,
            short_fen=short_fen,
        )
        found = {one.id_in(self.account_id): one for one in (*again, new)}
        day = DayFigures(
            day=self.today,
            statement_id="s",
            bank_fen=self.books.cash - short_fen,
            cash_fen=self.books.cash,
            assets_fen=account.buckets.assets_fen,
            liabilities_fen=account.buckets.liabilities_fen,
        )
        differences = tuple(found.values()) if pick % 3 else ()
        self.attempt(c.ReconcileAccount, seen_version=account.version, differences=differences, days=(day,))

    # alerts: they tell, and move nothing

    @rule(pick=picks, what=st.sampled_from(range(10)))
    def work_on_alerts(self, pick: int, what: int) -> None:
        about: dict[str, Any] = {"alert_id": "1", "rule": "bank.break", "subject_kind": "cash", "subject_id": ""}
        match what:
            case 0:
                self.attempt(c.AcknowledgeAlert, **about)
            case 1:
                self.attempt(c.AssignAlert, **about, assignee="office")
            case 2:
                self.attempt(c.ResolveAlert, **about, reason="checked")
            case 3:
                self.attempt(c.SilenceAlert, **about, reason="known", until=self.today + timedelta(days=pick))
            case 4:
                self.attempt(c.EndAlertSilence, **about, until=self.today - timedelta(days=1))
            case 5:
                self.attempt(c.EscalateAlert, **about, waits_since=self.today - timedelta(days=pick))
            case 6:
                figures: dict[str, int | str] = {"amount_fen": 100 * pick + 1, "report": f"r{pick}"}
                told: dict[str, Any] = {"subject_kind": "report", "subject_id": f"r{pick}", "source": "parent"}
                said: dict[str, Any] = {"kind": "paid_elsewhere", "rule": "fee.off_book", "figures": figures}
                self.attempt(c.RecordFinding, **said, **told)
            case 7:
                self.attempt(c.RecordInstitutionFact, kind="head_count", value=pick, source="inspection")
            case 8:
                hours: dict[str, Any] = {"opens_at": time(8), "closes_at": time(20), "rooms": {"r1": 20}}
                self.attempt(c.RecordPremises, **hours)
            case _:
                seats = e.TimetableCourse(course_id="course", seats=pick, price_fen=100)
                self.attempt(c.RecordTimetable, month_starts_on=date(2025, 2, 1), courses=(seats,))
