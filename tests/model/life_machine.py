"""The machine of a whole life: every command of an account, in any order, on days that go by, to its end.

It predicts no refusal. Whatever is accepted is followed in books of plain Python, and after every step the account must
agree with them to the fen: `tests.model.books`, `tests.model.life_invariants`. It runs in memory and on the store.
"""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.continuity_commands import transfer_commands
from ledger.domain.errors import LedgerError
from tests.model.life_authorities import Authorities
from tests.model.life_families import Families, terms
from tests.model.life_laws import PACKS
from tests.model.living_ledger import BANK, OTHER_ID, amounts, picks


class LifeMachine(Families, Authorities):
    """One account from its opening to its end."""

    @initialize(
        pack=st.sampled_from((*PACKS, "kept", "kept", "asked", "watched", "limited")),
        opening=st.booleans(),
        contracts=st.lists(
            st.tuples(amounts, st.sampled_from(range(1, 6)), st.sampled_from([0, 0, 100]), st.sampled_from(range(3))),
            min_size=2,
            max_size=4,
        ),
    )
    def open_account(self, pack: str, opening: bool, contracts: list[tuple[int, int, int, int]]) -> None:
        """An institution at work: prices are published, families have paid, some lessons were taught."""
        named: dict[str, Any] = {"institution_id": "school", "bank": BANK, "account_no": "1", "district": "330702"}
        self.attempt(c.OpenAccount, **named, authorities=("education",), pack=pack)
        if opening:
            self.move_own_money("opening", 40)
            self.move_own_money("reserve", 333)
        self.publish(650, "lesson")
        for number, (price_fen, lessons, kept_fen, taught) in enumerate(contracts):
            self.sign([(price_fen + kept_fen, lessons, 1)], 40, "prepaid")
            self.take_past_the_account(number, kept_fen or 1, "kept")
            self.pay(number, price_fen, True, "", 0)
            for _ in range(taught):
                self.teach(number, [], 0, False)

    # the end

    @rule(what=st.sampled_from(range(24)), pick=picks, amount_fen=amounts)
    def come_to_an_end(self, what: int, pick: int, amount_fen: int) -> None:
        """Most accounts are not wound up; one that is goes through all steps, in any order."""
        if self.account().wind_down is None:
            match what:
                case 0 | 1:
                    self.attempt(c.StartWindDown, reason="order")
                case 2:
                    self.attempt(c.NotifyClosure, closes_on=self.today + timedelta(days=31 + pick), reason="lease")
                case _:
                    self.attempt(c.DistributeClaims)
            return
        match what % 6:
            case 0 | 1 | 2:
                while self.attempt(c.ContinueWindDown):
                    pass
            case 3 | 4:
                self.attempt(c.DistributeClaims)
            case _:
                self.attempt(c.CloseWindDown, reason="no route" if pick % 2 else "")

    @precondition(lambda self: self.account().wind_down is not None)
    @rule(word=st.sampled_from(["settled", "settled", "rejected"]), close=st.booleans())
    def share_out(self, word: c.SettlementOutcome, close: bool) -> None:
        """What is there goes to the families, as far as the bank can deliver it."""
        for step in (c.ContinueWindDown, c.DistributeClaims, c.ContinueWindDown):
            while self.attempt(step) and step is c.ContinueWindDown:
                pass
        for instruction_id in [i for i, one in self.account().instructions.items() if one.state != "paid"]:
            self.say(instruction_id, word)
        if close:
            self.attempt(c.CloseWindDown, reason="some routes are gone")

    @precondition(lambda self: self.account().wind_down is not None or self.account().closes_on is not None)
    @rule(pick=picks, what=st.sampled_from(["choose", "choose", "revoke", "move", "move", "again"]))
    def go_on_elsewhere(self, pick: int, what: str) -> None:
        contract_id = self.some_contract(pick)
        match what:
            case "choose":
                said: dict[str, Any] = {"offer_id": "offer", "to_account_id": OTHER_ID}
                self.attempt(c.AcceptContinuity, contract_id=contract_id, **said)
            case "revoke":
                self.attempt(c.RevokeContinuity, contract_id=contract_id, reason="too far")
            case "again":
                transfer_id = self.choose(list(self.account().transfers_out), pick, "none")
                self.attempt(c.InstructTransfer, transfer_id=transfer_id)
            case _:
                self.attempt(c.AcceptContinuity, contract_id=contract_id, offer_id="offer", to_account_id=OTHER_ID)
                chosen = [i for i, one in self.account().contracts.items() if one.continuity is not None]
                planned = self.choose(chosen, pick, contract_id)
                try:
                    leave, _ = transfer_commands(
                        self.account(), planned, to_bank="ABC", to_account_no="2", on=self.today
                    )
                except LedgerError:
                    return
                self.offer(leave)

    @precondition(lambda self: self.account().transfers_in)
    @rule(pick=picks, to=picks, part=st.booleans())
    def find_a_transfers_money(self, pick: int, to: int, part: bool) -> None:
        """A receipt whose text the bank dropped comes, or is there, and is matched to a transfer."""
        transfer_id = self.choose(list(self.account().transfers_in), to, "none")
        coming = self.account().transfers_in.get(transfer_id)
        amount_fen = coming.amount_fen if coming else 1
        if not any(item.amount_fen == amount_fen for item in self.account().suspense.values()):
            self.deposit(amount_fen, "")
        held = self.account().suspense
        suspense_id = self.choose([i for i in held if held[i].amount_fen == amount_fen] or list(held), pick, "nothing")
        self.attempt(
            c.MatchSuspense,
            suspense_id=suspense_id,
            contract_id=coming.contract_id if coming else "nobody's",
            transfer_id=transfer_id,
            amount_fen=max(1, amount_fen - part),
            reason="the bank told",
        )

    @rule(pick=picks, amount_fen=amounts, arrive=st.booleans(), named=st.booleans())
    def take_families_over(self, pick: int, amount_fen: int, arrive: bool, named: bool) -> None:
        """A family of another institution comes with its money, which arrives later, with its text or without."""
        coming = self.account().transfers_in
        if coming and arrive:
            transfer_id = self.choose(list(coming), pick, "none")
            amount_fen = coming[transfer_id].amount_fen if transfer_id in coming else amount_fen
            self.deposit(amount_fen, transfer_id if named else "")
            return
        offer_id = self.fresh("offer")
        until_on = self.today + timedelta(days=9)
        said: dict[str, Any] = {"offer_id": offer_id, "from_account_id": OTHER_ID}
        ends_on = self.today + timedelta(days=40)
        self.attempt(
            c.OfferContinuity, **said, course_id="course", lesson_minutes=45, ends_on=ends_on, until_on=until_on
        )
        name = self.fresh("taken-over")
        lines = (e.PackageAmount(package=1, amount_fen=amount_fen),)
        payment = e.CarriedPayment(
            payment_reference=self.reference(), payer_route=f"route of {name}", amount_fen=amount_fen, lines=lines
        )
        self.attempt(
            c.ReceiveContinuity,
            **said,
            transfer_id=f"transfer-{name}",
            contract_id=name,
            contract_no=f"no-{name}",
            from_contract_id="theirs",
            family_id=f"family-{name}",
            student_id=f"student-{name}",
            subject="piano",
            category="arts",
            gift_valuation="ratio",
            packages=(terms(1, amount_fen, 3, 0),),
            lines=lines,
            payments=(payment,),
        )
