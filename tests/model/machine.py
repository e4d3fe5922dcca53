"""The state machine over all commands: whatever is asked, the ledger does what the oracle says.

`LedgerMachine` holds the rules. It speaks to a ledger through the four methods of `DrivenLedger` only, so that the
same machine runs against an account in memory and against a store that is restarted and crashes under it.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from ledger.domain import commands as c
from ledger.domain.events import Package
from ledger.domain.policy import FixedPolicies, Policy
from ledger.storage.mapper import decode_account, encode_account
from tests.model.compared_ledger import ComparedLedger
from tests.model.oracle_state import Claim

BANK = "ICBC"
POLICIES = {
    "default": Policy(),
    "held": Policy(pack="held", holding_days=3),
    "gifts-last": Policy(pack="gifts-last", gift_valuation="last"),
}
portions = st.sampled_from(["one", "half", "all", "all", "above"])
picks = st.integers(0, 30)
past = st.sampled_from([0, 0, 0, 1, 4])


def _portion(of: int, portion: str) -> int:
    """An amount at, below or just above a limit; at least 1 fen."""
    return max(1, {"one": 1, "half": of // 2, "all": of, "above": of + 1}[portion])


class LedgerMachine(ComparedLedger):
    """One account, with several families, an institution, a bank and a regulator who all do anything at any time."""

    policies = FixedPolicies(POLICIES)

    # rules: contracts and money in

    @initialize(
        contracts=st.lists(
            st.tuples(
                st.integers(1, 400), st.integers(1, 5), st.sampled_from(["all", "all", "half"]), st.integers(0, 3)
            ),
            min_size=2,
            max_size=4,
        ),
        pack=st.sampled_from(sorted(POLICIES)),
        opening=st.none() | st.tuples(st.integers(0, 99), st.integers(0, 99), st.integers(1, 99)),
    )
    def open_account(
        self, contracts: list[tuple[int, int, str, int]], pack: str, opening: tuple[int, int, int] | None
    ) -> None:
        """An institution at work: families have paid, and some lessons were taught."""
        named: dict[str, Any] = {"institution_id": "school", "bank": BANK, "account_no": "1", "district": "330702"}
        self.ask(c.OpenAccount, **named, authorities=("education",), pack=pack)
        if opening:
            self.import_opening_balance(opening)
        for price_fen, lessons, portion, taught in contracts:
            self.sign([(price_fen, lessons, 2 if pack == "gifts-last" else 0)], ends_after=40)
            newest = len(self.oracle.contracts) - 1
            self.pay(newest, portion, "mother", by_number=False)
            for _ in range(taught):
                self.teach(newest, [], 0, again=False)

    @precondition(lambda self: len(self.oracle.contracts) < 5)
    @rule(
        packages=st.lists(st.tuples(st.integers(1, 400), st.integers(1, 4), st.integers(0, 2)), min_size=1, max_size=3),
        ends_after=st.sampled_from([0, 5, 40]),
    )
    def sign(self, packages: list[tuple[int, int, int]], ends_after: int) -> None:
        contract_id = self.fresh("contract")
        terms = tuple(
            Package(number=n, price_fen=price, paid_lessons=lessons, gift_lessons=gifts, list_price_fen=price)
            for n, (price, lessons, gifts) in enumerate(packages, 1)
        )
        self.ask(
            c.SignContract,
            contract_id=contract_id,
            contract_no=f"no-{contract_id}",
            family_id=f"family-{contract_id}",
            student_id="student",
            course_id="course",
            subject="piano",
            category="arts",
            starts_on=self.today - timedelta(days=2),
            ends_on=self.today + timedelta(days=ends_after),
            lesson_minutes=45,
            packages=terms,
        )

    @rule(pick=picks, portion=portions, route=st.sampled_from(["mother", "father"]), by_number=st.booleans())
    def pay(self, pick: int, portion: str, route: str, by_number: bool) -> None:
        contract_id = self.choose(sorted(self.oracle.contracts), pick, "nobody's")
        agreement = self.oracle.contracts.get(contract_id)
        amount_fen = _portion(agreement.due if agreement else 50, portion)
        self.deposit(amount_fen, f"no-{contract_id}" if by_number else contract_id, f"{route} of {contract_id}")

    @rule(amount_fen=st.integers(1, 200), purpose=st.sampled_from(["fee", "reserve"]))
    def stray_deposit(self, amount_fen: int, purpose: c.Purpose) -> None:
        self.deposit(amount_fen, "", "somebody", purpose)

    def deposit(self, amount_fen: int, reference: str, route: str, purpose: c.Purpose = "fee") -> None:
        entry = self.reference()
        self.ask(
            c.PostDeposit,
            bank=BANK,
            bank_reference=entry,
            amount_fen=amount_fen,
            contract_reference=reference,
            payer_route=route,
            purpose=purpose,
            suspense_id=f"suspense-{entry}",
            digest=entry,
        )

    @precondition(lambda self: self.oracle.stray)
    @rule(pick=picks, to=picks, portion=portions)
    def match_suspense(self, pick: int, to: int, portion: str) -> None:
        suspense_id = self.choose(sorted(self.oracle.stray), pick, "nothing")
        contract_id = self.choose(sorted(self.oracle.contracts), to, "nobody's")
        stray, agreement = self.oracle.stray.get(suspense_id), self.oracle.contracts.get(contract_id)
        limit = min(stray.amount if stray else 5, agreement.due if agreement else 5)
        amount_fen = _portion(limit, portion)
        self.ask(
            c.MatchSuspense, suspense_id=suspense_id, contract_id=contract_id, amount_fen=amount_fen, reason="shown"
        )

    @precondition(lambda self: self.oracle.stray)
    @rule(pick=picks)
    def return_suspense(self, pick: int) -> None:
        suspense_id = self.choose(sorted(self.oracle.stray), pick, "nothing")
        self.ask(c.ReturnSuspense, suspense_id=suspense_id, instruction_id=self.fresh("return"), reason="unknown")

    @precondition(lambda self: self.oracle.reserve)
    @rule(portion=portions)
    def release_reserve(self, portion: str) -> None:
        self.ask(c.ReleaseReserve, amount_fen=_portion(self.oracle.reserve, portion), reason="rating")

    def import_opening_balance(self, parts: tuple[int, int, int]) -> None:
        earned, reserve, suspense = parts
        said = {"earned_fen": earned, "reserve_fen": reserve, "suspense_fen": suspense}
        self.ask(c.ImportOpeningBalance, cash_fen=sum(parts), **said, document="count")

    @precondition(lambda self: self.oracle.cash or self.oracle.shortage)
    @rule(portion=portions, comes_back=st.booleans())
    def debit_without_instruction(self, portion: str, comes_back: bool) -> None:
        entry = self.reference()
        said: dict[str, Any] = {"bank": BANK, "bank_reference": entry, "digest": entry}
        if comes_back:
            self.ask(c.RestoreUnexplainedDebit, amount_fen=_portion(self.oracle.shortage, portion), **said)
        else:
            self.ask(c.RecordUnexplainedDebit, amount_fen=_portion(self.oracle.cash, portion), kind="seizure", **said)

    # rules: lessons and payouts

    @precondition(lambda self: self.oracle.contracts)
    @rule(first=picks, others=st.lists(picks, max_size=2), back=past, again=st.booleans())
    def teach(self, first: int, others: list[int], back: int, again: bool) -> None:
        """Mostly to families whose next lesson is paid."""
        families = sorted(self.oracle.contracts)
        ready = [cid for cid in families if self.oracle.contracts[cid].left and not self.oracle.busy(cid)] or families
        contracts = tuple(self.choose(families if pick >= 27 else ready, pick, "nobody's") for pick in [first, *others])
        if 29 not in others:
            contracts = tuple(dict.fromkeys(contracts))
        taught = sorted({lesson for agreement in self.oracle.contracts.values() for lesson in agreement.lessons})
        lesson_id = taught[first % len(taught)] if again and taught and first > 20 else self.fresh("lesson")
        self.ask(c.DeliverLesson, back=back, lesson_id=lesson_id, course_id="course", minutes=45, contracts=contracts)

    @precondition(lambda self: any(agreement.lessons for agreement in self.oracle.contracts.values()))
    @rule(pick=picks, whole_class=st.booleans())
    def correct(self, pick: int, whole_class: bool) -> None:
        drawn = [(x, cid) for cid, agreement in sorted(self.oracle.contracts.items()) for x in agreement.lessons]
        lesson_id, contract_id = self.choose(drawn, pick, ("never", sorted(self.oracle.contracts)[0]))
        together = tuple(cid for x, cid in drawn if x == lesson_id) if whole_class else (contract_id,)
        self.ask(c.CorrectLesson, lesson_id=lesson_id, contracts=together or (contract_id,), reason="absent")

    @precondition(lambda self: self.oracle.institution_claim > 0)
    @rule(portion=portions, back=st.sampled_from([0, 0, 0, 0, 0, 1]))
    def payout(self, portion: str, back: int) -> None:
        """A fen more than what is free is refused, every time."""
        free_fen = self.oracle.free(self.today)
        for amount_fen in (free_fen + 1, _portion(free_fen, portion)):
            self.ask(c.RequestPayout, back=back, instruction_id=self.fresh("payout"), amount_fen=amount_fen)

    @precondition(lambda self: self.oracle.pending())
    @rule(pick=picks, outcome=st.sampled_from(["settled", "settled", "rejected"]), wrong=picks, every=st.booleans())
    def settle(self, pick: int, outcome: c.SettlementOutcome, wrong: int, every: bool) -> None:
        if every:
            for instruction_id in self.oracle.pending():
                self.say(instruction_id, outcome, 0)
            return
        self.say(self.choose(self.oracle.pending(), pick, "nothing"), "returned" if wrong == 28 else outcome, wrong)

    @precondition(lambda self: any(leg.paid for leg in self.oracle.legs.values()))
    @rule(pick=picks, outcome=st.sampled_from(["returned", "returned", "settled", "rejected"]), wrong=picks)
    def bounce_after_payment(self, pick: int, outcome: c.SettlementOutcome, wrong: int) -> None:
        paid = sorted(instruction_id for instruction_id, leg in self.oracle.legs.items() if leg.paid)
        self.say(self.choose(paid, pick, "nothing"), outcome, wrong)

    def say(self, instruction_id: str, outcome: c.SettlementOutcome, wrong: int) -> None:
        """The bank's word on an instruction, now and then with another amount; often what it paid and what it takes
        back have one reference."""
        entry = self.reference() if wrong % 3 else f"entry of {instruction_id}"
        entry = "" if outcome == "rejected" else entry
        self.ask(
            c.SettleInstruction,
            bank=BANK,
            instruction_id=instruction_id,
            outcome=outcome,
            amount_fen=(self.oracle.amount_of(instruction_id) or 1) + (wrong == 29),
            bank_reference=entry,
            digest=entry,
            reason="by the bank",
        )

    # rules: refunds

    @precondition(lambda self: self.oracle.contracts)
    @rule(pick=picks, back=past)
    def request_refund(self, pick: int, back: int) -> None:
        contract_id = self.choose(sorted(self.oracle.contracts), pick, "nobody's")
        self.ask(c.RequestRefund, back=back, refund_id=self.fresh("refund"), contract_id=contract_id, reason="moves")

    def refund_where(self, pick: int, holds: Callable[[str, Claim], bool]) -> str:
        """Mostly a refund for which it holds."""
        fitting = [refund_id for refund_id, claim in sorted(self.oracle.refunds.items()) if holds(refund_id, claim)]
        return self.choose(sorted(self.oracle.refunds) if pick >= 28 or not fitting else fitting, pick, "nothing")

    @precondition(lambda self: any(not claim.answered for claim in self.oracle.refunds.values()))
    @rule(pick=picks, agree=st.booleans(), portion=portions)
    def answer_refund(self, pick: int, agree: bool, portion: str) -> None:
        refund_id = self.refund_where(pick, lambda _, claim: not claim.answered)
        quoted = self.oracle.refunds[refund_id].quoted if refund_id in self.oracle.refunds else 5
        offered_fen = 0 if agree else _portion(quoted, portion) - 1
        self.ask(c.AnswerRefund, refund_id=refund_id, agree=agree, offered_fen=offered_fen)

    @precondition(lambda self: any(not claim.final for claim in self.oracle.refunds.values()))
    @rule(pick=picks, withdraw=st.sampled_from([False, False, True]), portion=portions)
    def decide_refund(self, pick: int, withdraw: bool, portion: str) -> None:
        refund_id = self.refund_where(pick, lambda _, claim: not claim.final)
        if withdraw:
            self.ask(c.WithdrawRefund, refund_id=refund_id, reason="stays")
            return
        claim = self.oracle.refunds.get(refund_id)
        limit = claim.agreed + self.oracle.contracts[claim.contract].left if claim else 5
        self.ask(c.OrderRefund, refund_id=refund_id, amount_fen=_portion(limit, portion) - (pick == 27), reason="case")

    @precondition(lambda self: any(claim.agreed for claim in self.oracle.refunds.values()))
    @rule(pick=picks)
    def instruct_refund(self, pick: int) -> None:
        refund_id = self.refund_where(pick, lambda refund_id, _: self.oracle.to_instruct(refund_id) > 0)
        self.ask(c.InstructRefund, refund_id=refund_id)

    # rules: regulator and clock

    @rule(
        what=st.sampled_from(["minimum", "minimum", "hold", "freeze", "list", "policy", "policy", "end", "other"]),
        pick=picks,
        amount_fen=st.integers(0, 200),
    )
    def regulate(self, what: str, pick: int, amount_fen: int) -> None:
        match what:
            case "minimum":
                near = self.oracle.cash - amount_fen if pick % 2 else amount_fen
                self.ask(c.SetMinimumBalance, amount_fen=max(0, near), reason="size")
            case "hold" if pick % 2:
                hold_id = self.choose(sorted(self.oracle.holds), pick, "hold-0")
                self.ask(c.ReleaseHold, hold_id=hold_id, reason="settled")
            case "hold":
                hold_id = self.fresh("hold") if pick < 25 else self.choose(sorted(self.oracle.holds), pick, "hold-0")
                self.ask(c.HoldFunds, hold_id=hold_id, amount_fen=amount_fen + 1, reason="complaint")
            case "freeze":
                self.freeze_or_not(["all", "payouts", "lessons", "contracts"][pick % 4], pick)
            case "list":
                listing = ["watch", "black"][pick % 2] if self.oracle.listing != "black" else "normal"
                self.ask(c.ListInstitution, listing=listing, reason="inspection")
            case "policy":
                self.ask(c.AssignPolicy, pack=sorted(POLICIES)[pick % 3], reason="moved")
            case "end":
                empty = [cid for cid, agreement in sorted(self.oracle.contracts.items()) if not agreement.left]
                contract_id = self.choose(empty or sorted(self.oracle.contracts), pick, "nobody's")
                self.ask(c.EndContract, contract_id=contract_id, reason="finished")
            case _:
                self.ask(c.RateInstitution, rating="ABC"[pick % 3], reason="check")
                self.ask(c.ChangeAuthority, authorities=("education", "sports"), reason="second licence")
                statement_id = self.fresh("statement")
                self.ask(c.ReportBankBalance, bank=BANK, statement_id=statement_id, balance_fen=self.oracle.cash)
                self.import_opening_balance((amount_fen, 0, 1))

    def freeze_or_not(self, scope: str, pick: int) -> None:
        """Freezes are short, or nothing would happen."""
        if self.oracle.frozen and pick < 28:
            self.ask(c.UnfreezeAccount, scope=min(self.oracle.frozen), reason="order")
        else:
            self.ask(c.FreezeAccount if pick % 3 else c.UnfreezeAccount, scope=scope, reason="order")

    @rule(days=st.sampled_from([0, 1, 1, 2, 3, 8, 20]), back=past)
    def close_day(self, days: int, back: int) -> None:
        """Days pass, and a day is closed: the same one twice changes nothing."""
        self.today += timedelta(days=days)
        for _ in range(2):
            self.ask(c.CloseDay, back=back)
        assert self.accepted[-1].events == ()
        self.accepted.pop()

    # rules: repeats and losses

    @precondition(lambda self: self.accepted)
    @rule(pick=st.integers(0, 400))
    def repeat_a_request(self, pick: int) -> None:
        """The same key again is the same answer and no other change."""
        before = self.accepted[-1 - pick % len(self.accepted)]
        events = self.submit(before.command, today=self.today, key=before.key)
        assert tuple(events) == before.events

    @precondition(lambda self: len(self.accepted) > 1)
    @rule(pick=st.integers(0, 400), other_content=st.booleans())
    def ask_the_same_anew(self, pick: int, other_content: bool) -> None:
        """The same content under a new key, or the same bank entry with other content: the oracle decides."""
        command = self.accepted[-1 - pick % (len(self.accepted) - 1)].command
        if isinstance(command, c.OpenAccount):
            return
        changes: dict[str, Any] = {}
        if isinstance(command, c.RequestPayout | c.ReturnSuspense) and pick % 2:
            changes["instruction_id"] = self.fresh("made")
        if isinstance(command, c.PostDeposit) and pick % 3 == 0:
            changes["bank_reference"] = changes["digest"] = self.reference()
        if other_content and getattr(command, "bank_reference", ""):
            changes["digest"] = "other"
        self.send(msgspec.structs.replace(command, **changes))

    @rule(remember=st.booleans())
    def lose_memory(self, remember: bool) -> None:
        """A restart, after which everything must go on as before."""
        if remember or self.snapshot is None:
            self.snapshot = (len(self.history()), decode_account(encode_account(self.account())))
        self.restart()
