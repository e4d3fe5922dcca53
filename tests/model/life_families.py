"""Rules of the machine: what families and the institution do about contracts, lessons, fees and refunds."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from ledger.domain import commands as c
from ledger.domain import events as e
from tests.model.living_ledger import BANK, LivingLedger, amounts, past, picks


def terms(number: int, price_fen: int, lessons: int, gifts: int, **said: Any) -> e.Package:
    """One package, whose list price is a little higher."""
    return e.Package(
        number=number,
        price_fen=price_fen,
        paid_lessons=lessons,
        gift_lessons=gifts,
        list_price_fen=price_fen + price_fen // 5,
        **said,
    )


class Families(LivingLedger):
    """Contracts, fees, lessons, refunds."""

    def some_contract(self, pick: int) -> str:
        return self.choose(list(self.account().contracts), pick, "nobody's")

    def some_refund(self, pick: int) -> str:
        return self.choose(list(self.account().unpaid_refunds or self.account().refunds), pick, "nothing")

    @precondition(lambda self: len(self.account().contracts) < 6)
    @rule(
        packages=st.lists(st.tuples(amounts, st.integers(1, 4), st.integers(0, 2)), min_size=1, max_size=2),
        ends_after=st.sampled_from([0, 6, 40, 40]),
        kind=st.sampled_from(["prepaid", "prepaid", "prepaid", "after", "card"]),
    )
    def sign(self, packages: list[tuple[int, int, int]], ends_after: int, kind: str) -> None:
        contract_id = self.fresh("contract")
        self.attempt(
            c.SignContract,
            contract_id=contract_id,
            contract_no=f"no-{contract_id}",
            family_id=f"family-{contract_id}",
            student_id=f"student-{contract_id}",
            course_id="course",
            subject="piano",
            category="arts",
            starts_on=self.today - timedelta(days=2),
            ends_on=self.today + timedelta(days=ends_after),
            lesson_minutes=45,
            packages=tuple(
                terms(n, price, lessons, gifts, time_card=kind == "card")
                for n, (price, lessons, gifts) in enumerate(packages, 1)
            ),
            model_version="2021",
            billing="after_lesson" if kind == "after" else "prepaid",
        )

    @rule(
        pick=picks,
        amount_fen=amounts,
        whole=st.booleans(),
        source=st.sampled_from(["", "", "account", "loan"]),
        back=past,
    )
    def pay(self, pick: int, amount_fen: int, whole: bool, source: e.PaymentSource, back: int) -> None:
        """To the bank; what is too much, too early or for nobody goes to suspense."""
        contract = self.account().contracts.get(self.some_contract(pick))
        due_fen = contract.due_fen if contract else 0
        reference = "" if contract is None else contract.contract_id if pick % 2 else contract.contract_no
        self.deposit(due_fen if whole and due_fen else amount_fen, reference, payment_source=source, back=back)

    def deposit(self, amount_fen: int, reference: str, **said: Any) -> None:
        entry = self.reference()
        self.attempt(
            c.PostDeposit,
            bank=BANK,
            bank_reference=entry,
            amount_fen=amount_fen,
            contract_reference=reference,
            payer_route=f"route of {reference or entry}",
            suspense_id=f"suspense-{entry}",
            digest=entry,
            **said,
        )

    @rule(pick=picks, amount_fen=amounts, what=st.sampled_from(["kept", "kept", "cash", "uncash"]))
    def take_past_the_account(self, pick: int, amount_fen: int, what: str) -> None:
        """The institution keeps a fee against its deposit, or took cash that has to come in."""
        contract_id = self.some_contract(pick)
        contract = self.account().contracts.get(contract_id)
        part_fen = min(amount_fen, contract.due_fen) if contract else amount_fen
        match what:
            case "kept":
                receipt_no = self.fresh("receipt")
                self.attempt(c.ReportKeptFee, contract_id=contract_id, receipt_no=receipt_no, amount_fen=part_fen or 1)
            case "cash":
                self.attempt(c.ReportCash, cash_id=self.fresh("cash"), contract_id=contract_id, amount_fen=amount_fen)
            case _:
                cash_id = self.choose(list(self.account().fees.cash_reports), pick, "none")
                self.attempt(c.CloseCashReport, cash_id=cash_id, reason="given back")

    @precondition(lambda self: self.account().suspense)
    @rule(pick=picks, to=picks, amount_fen=amounts, back=st.booleans())
    def explain_suspense(self, pick: int, to: int, amount_fen: int, back: bool) -> None:
        suspense_id = self.choose(list(self.account().suspense), pick, "nothing")
        if back:
            said: dict[str, Any] = {"instruction_id": self.fresh("return"), "reason": "unknown"}
            self.attempt(c.ReturnSuspense, suspense_id=suspense_id, **said)
            return
        contract = self.account().contracts.get(self.some_contract(to))
        item = self.account().suspense.get(suspense_id)
        part_fen = min(amount_fen, item.amount_fen if item else 1, contract.due_fen if contract else 1)
        contract_id = contract.contract_id if contract else "nobody's"
        self.attempt(
            c.MatchSuspense, suspense_id=suspense_id, contract_id=contract_id, amount_fen=part_fen or 1, reason="shown"
        )

    # lessons

    @precondition(lambda self: self.account().contracts)
    @rule(first=picks, others=st.lists(picks, max_size=2), back=past, makes_up=st.booleans())
    def teach(self, first: int, others: list[int], back: int, makes_up: bool) -> None:
        contracts = tuple(dict.fromkeys(self.some_contract(pick) for pick in (first, *others)))
        missed = [
            name for i in contracts[:1] if i in self.account().contracts for name in self.account().contracts[i].missed
        ]
        self.attempt(
            c.DeliverLesson,
            back=back,
            lesson_id=self.fresh("lesson"),
            course_id="course",
            minutes=45,
            contracts=contracts[:1] if makes_up and missed else contracts,
            makes_up=missed[first % len(missed)] if makes_up and missed else "",
        )

    @precondition(lambda self: any(one.pending or one.draws for one in self.account().contracts.values()))
    @rule(pick=picks, word=st.sampled_from(["confirm", "dispute", "drop", "draw", "concede", "correct", "absence"]))
    def speak_of_a_lesson(self, pick: int, word: str) -> None:
        """A family confirms or disputes, somebody decides, or the institution takes it back."""
        contracts = self.account().contracts.values()
        waiting = [(lesson, one.contract_id) for one in contracts for lesson in one.pending]
        drawn = [(lesson, one.contract_id) for one in contracts for lesson in one.draws]
        lesson_id, contract_id = self.choose((waiting or drawn) if pick % 4 else (drawn or waiting), pick, ("no", "no"))
        about: dict[str, Any] = {"lesson_id": lesson_id, "contract_id": contract_id}
        match word:
            case "confirm":
                self.attempt(c.ConfirmLesson, **about)
            case "dispute":
                self.attempt(c.DisputeLesson, **about, reason="not taught")
            case "drop" | "draw":
                self.attempt(c.DisputeLesson, **about, reason="not taught")
                outcome = "dropped" if word == "drop" else "drawn"
                self.attempt(c.ResolveDispute, **about, outcome=outcome, by="order", case_id="case", reason="heard")
            case "concede":
                self.attempt(c.DisputeLesson, **about, reason="late")
                self.attempt(c.ResolveDispute, **about, outcome="dropped", by="institution", reason="right")
            case "correct":
                self.attempt(c.CorrectLesson, lesson_id=lesson_id, contracts=(contract_id,), reason="absent")
            case _:
                said: dict[str, Any] = {"lesson_on": self.today, "absent": "teacher", "reason": "ill"}
                self.attempt(c.RecordAbsence, lesson_id=lesson_id, contracts=(contract_id,), **said)

    @precondition(lambda self: self.account().contracts)
    @rule(pick=picks, longer=st.sampled_from([0, 0, 7]), absent=st.sampled_from(["leave", "pupil", "teacher"]))
    def miss_a_lesson(self, pick: int, longer: int, absent: Any) -> None:
        contract_id, lesson_id = self.some_contract(pick), self.fresh("missed")
        contract = self.account().contracts.get(contract_id)
        said: dict[str, Any] = {"lesson_id": lesson_id, "lesson_on": self.today, "reason": "ill"}
        if absent == "leave":
            ends_on = contract.ends_on + timedelta(days=longer) if contract and longer else None
            self.attempt(c.RecordLeave, **said, contract_id=contract_id, ends_on=ends_on)
        else:
            self.attempt(c.RecordAbsence, **said, absent=absent, contracts=(contract_id,))

    # amendments

    @precondition(lambda self: self.account().contracts)
    @rule(pick=picks, price_fen=amounts, answer=st.sampled_from(["accept", "accept", "decline", "withdraw", "wait"]))
    def amend(self, pick: int, price_fen: int, answer: str) -> None:
        """A course transfer: proposed, and answered or taken back at once or later."""
        contract = self.account().contracts.get(self.some_contract(pick))
        if contract is None:
            self.attempt(c.AcceptAmendment, contract_id="nobody's", amendment_id="none")
            return
        if not contract.amendment or pick % 3:
            name = self.fresh("amended")
            packages = tuple(
                e.AmendedPackage(
                    number=one.number,
                    price_fen=max(price_fen, one.prepaid_fen),
                    paid_lessons=2 + pick % 3,
                    list_price_fen=max(price_fen, one.prepaid_fen),
                    from_package=one.number,
                    carried_fen=one.prepaid_fen,
                )
                for one in contract.packages
            )
            new = e.AmendedTerms(
                contract_id=name,
                contract_no=f"no-{name}",
                course_id="course",
                subject="violin",
                category="arts",
                starts_on=self.today,
                ends_on=self.today + timedelta(days=40),
                lesson_minutes=45,
                packages=packages,
                model_version="2021",
            )
            said: dict[str, Any] = {"amendment_id": f"for-{name}", "terms": new, "reason": "another course"}
            self.attempt(c.ProposeAmendment, contract_id=contract.contract_id, **said)
        now = self.account().contracts[contract.contract_id].amendment
        if now is None:
            return
        about: dict[str, Any] = {"contract_id": contract.contract_id, "amendment_id": now.amendment_id}
        match answer:
            case "accept":
                self.attempt(c.AcceptAmendment, **about)
            case "decline":
                assert self.attempt(c.DeclineAmendment, **about), "no may be said at any time"
            case "withdraw":
                assert self.attempt(c.WithdrawAmendment, **about, reason="the class is full")
            case _:
                pass

    # refunds

    @precondition(lambda self: self.account().contracts)
    @rule(pick=picks, ground=st.sampled_from(["own", "own", "relocation", "closure"]), back=past, agree=st.booleans())
    def ask_for_a_refund(self, pick: int, ground: Any, back: int, agree: bool) -> None:
        refund_id = self.fresh("refund")
        said: dict[str, Any] = {"contract_id": self.some_contract(pick), "reason": "moves", "ground": ground}
        if self.attempt(c.RequestRefund, back=back, refund_id=refund_id, **said) and agree:
            self.attempt(c.AnswerRefund, refund_id=refund_id, agree=True)

    @precondition(lambda self: self.account().refunds)
    @rule(
        pick=picks,
        word=st.sampled_from(["agree", "agree", "offer", "order", "withdraw", "instruct", "repay", "repay", "draw"]),
        amount_fen=amounts,
        more=st.sampled_from([-1, 0, 0, 1]),
    )
    def go_on_with_a_refund(self, pick: int, word: str, amount_fen: int, more: int) -> None:
        """Amounts just below, at and just above what may be paid."""
        open_ones = [
            i for i, one in self.account().refunds.items() if one.agreed_fen > one.in_flight_fen + one.paid_fen
        ]
        sends = open_ones and word in ("instruct", "repay", "draw")
        refund_id = self.choose(open_ones, pick, "nothing") if sends else self.some_refund(pick)
        refund = self.account().refunds.get(refund_id)
        open_fen = (refund.agreed_fen - refund.in_flight_fen - refund.paid_fen if refund else 5) + more
        contract = self.account().contracts.get(refund.contract_id) if refund else None
        kept_fen = sum(payment.kept_fen for payment in contract.payments.values()) if contract else 0
        match word:
            case "agree":
                self.attempt(c.AnswerRefund, refund_id=refund_id, agree=True)
            case "offer":
                self.attempt(c.AnswerRefund, refund_id=refund_id, agree=False, offered_fen=amount_fen, reason="costs")
            case "order":
                limit = (refund.agreed_fen if refund else 0) + (contract.unreserved_fen if contract else 5) + more
                self.attempt(c.OrderRefund, refund_id=refund_id, amount_fen=limit, reason="case")
            case "withdraw":
                self.attempt(c.WithdrawRefund, refund_id=refund_id, reason="stays")
            case "instruct":
                self.attempt(c.InstructRefund, refund_id=refund_id)
            case "repay":
                self.attempt(
                    c.RecordInstitutionRefund,
                    refund_id=refund_id,
                    amount_fen=min(open_fen, kept_fen + more),
                    document="slip",
                )
            case _:
                self.attempt(
                    c.DrawReserve, refund_id=refund_id, amount_fen=min(open_fen, kept_fen + more), reason="order"
                )
