"""Which refusals would be right for a command, whatever their order: none means that it must be accepted."""

from datetime import date

from ledger.domain import commands as c
from tests.model.oracle import RETENTION_DAYS, Oracle
from tests.model.oracle_state import entry_of


def reasons(oracle: Oracle, command: c.Command, today: date) -> set[str]:
    """Every code for which the rules refuse the command."""
    refused = {"date_in_future"} if command.effective_on > today else set[str]()
    match command:
        case c.PostDeposit() | c.RecordUnexplainedDebit() | c.RestoreUnexplainedDebit() | c.SettleInstruction():
            known = oracle.entries.get(entry_of(command))
            if command.bank_reference and known is not None and known != command.digest:
                refused.add("entry_reused")
            refused |= _of_the_bank(oracle, command)
        case c.SignContract() | c.EndContract() | c.DeliverLesson() | c.CorrectLesson():
            refused |= _of_contracts(oracle, command)
        case c.RequestRefund() | c.AnswerRefund() | c.OrderRefund() | c.InstructRefund() | c.WithdrawRefund():
            refused |= _of_refunds(oracle, command)
        case _:
            refused |= _of_others(oracle, command, today)
    return refused


def _when(**conditions: bool) -> set[str]:
    return {code for code, holds in conditions.items() if holds}


def _frozen(oracle: Oracle, scope: str) -> bool:
    return bool(oracle.frozen & {"all", scope})


def _of_the_bank(oracle: Oracle, command: c.Command) -> set[str]:
    match command:
        case c.RecordUnexplainedDebit():
            return _when(debit_above_cash=command.amount_fen > oracle.cash)
        case c.RestoreUnexplainedDebit():
            return _when(debit_restored_too_much=command.amount_fen > oracle.shortage)
        case c.SettleInstruction():
            amount = oracle.amount_of(command.instruction_id)
            if amount is None:
                return {"instruction_not_found"}
            leg = oracle.legs.get(command.instruction_id)
            came_back = command.outcome == "returned"
            return _when(
                instruction_amount_differs=command.amount_fen != amount,
                instruction_outcome_wrong=came_back != (leg is not None and leg.paid),
                debit_above_cash=command.outcome == "settled" and amount > oracle.cash,
            )
        case c.PostDeposit():
            return _when(suspense_exists=command.suspense_id in oracle.stray and bool(oracle.unexplained(command)))
        case _:
            return set()


def _of_contracts(oracle: Oracle, command: c.Command) -> set[str]:
    match command:
        case c.SignContract():
            numbers = {agreement.number for agreement in oracle.contracts.values()}
            return _when(
                account_frozen=_frozen(oracle, "contracts"),
                account_blacklisted=oracle.listing == "black",
                contract_exists=command.contract_id in oracle.contracts,
                contract_no_taken=command.contract_no in numbers,
            )
        case c.EndContract():
            if command.contract_id not in oracle.contracts:
                return {"contract_not_found"}
            claims = [claim for claim in oracle.refunds.values() if claim.contract == command.contract_id]
            return _when(
                contract_has_balance=oracle.contracts[command.contract_id].left > 0,
                contract_refund_open=any(claim.waits for claim in claims),
                contract_moved_lately=oracle.contracts[command.contract_id].moved_within(
                    RETENTION_DAYS, command.effective_on
                ),
            )
        case c.DeliverLesson():
            found = _when(
                account_frozen=_frozen(oracle, "lessons"),
                lesson_contract_twice=len(set(command.contracts)) < len(command.contracts),
            )
            return found.union(*(_of_lesson(oracle, command, contract_id) for contract_id in command.contracts))
        case _:
            assert isinstance(command, c.CorrectLesson)
            found = _when(lesson_contract_twice=len(set(command.contracts)) < len(command.contracts))
            for contract_id in command.contracts:
                if contract_id not in oracle.contracts:
                    found.add("contract_not_found")
                    continue
                drawn = command.lesson_id in oracle.contracts[contract_id].lessons
                found |= _when(lesson_not_drawn=not drawn, contract_refund_open=oracle.busy(contract_id))
            return found


def _of_lesson(oracle: Oracle, command: c.DeliverLesson, contract_id: str) -> set[str]:
    agreement = oracle.contracts.get(contract_id)
    if agreement is None:
        return {"contract_not_found"}
    found = _when(
        lesson_already_drawn=command.lesson_id in agreement.lessons,
        lesson_outside_contract=not agreement.starts_on <= command.effective_on <= agreement.ends_on,
        contract_refund_open=oracle.busy(contract_id),
    )
    following = agreement.next_lesson()
    return found | _when(lesson_none_left=following is None, lesson_not_paid=bool(following and not following[3]))


def _of_refunds(oracle: Oracle, command: c.Command) -> set[str]:
    if isinstance(command, c.RequestRefund):
        if command.contract_id not in oracle.contracts:
            return {"contract_not_found"}
        return _when(
            refund_exists=command.refund_id in oracle.refunds,
            refund_open=oracle.busy(command.contract_id),
            refund_nothing_left=oracle.contracts[command.contract_id].left == 0,
        )
    assert isinstance(command, c.AnswerRefund | c.OrderRefund | c.InstructRefund | c.WithdrawRefund)
    claim = oracle.refunds.get(command.refund_id)
    if claim is None:
        return {"refund_not_found"}
    match command:
        case c.AnswerRefund():
            lower = 0 <= command.offered_fen < claim.quoted
            return _when(
                refund_not_waiting=claim.answered or claim.final,
                refund_offer_wrong=not command.agree and not lower,
            )
        case c.OrderRefund():
            left = oracle.contracts[claim.contract].left
            return _when(
                amount_not_positive=command.amount_fen < 1,
                refund_not_waiting=claim.final,
                refund_offer_wrong=command.amount_fen < claim.agreed,
                refund_above_unconsumed=command.amount_fen > claim.agreed + left,
            )
        case c.InstructRefund():
            waiting = oracle.to_instruct(command.refund_id)
            return _when(refund_not_waiting=waiting <= 0, cash_short=waiting > oracle.unpromised_cash)
        case c.WithdrawRefund():
            return _when(refund_not_waiting=claim.final)


def _of_others(oracle: Oracle, command: c.Command, today: date) -> set[str]:
    match command:
        case c.ImportOpeningBalance():
            return _when(opening_balance_late=oracle.moved)
        case c.MatchSuspense():
            stray, agreement = oracle.stray.get(command.suspense_id), oracle.contracts.get(command.contract_id)
            return _when(
                account_blacklisted=oracle.listing == "black",
                suspense_not_found=stray is None,
                suspense_return_pending=stray is not None and bool(stray.returning),
                contract_not_found=agreement is None,
                suspense_too_small=stray is not None and command.amount_fen > stray.amount,
                contract_overpaid=agreement is not None and command.amount_fen > agreement.due,
            )
        case c.ReturnSuspense():
            stray = oracle.stray.get(command.suspense_id)
            return _when(
                suspense_not_found=stray is None,
                suspense_return_pending=stray is not None and bool(stray.returning),
                instruction_exists=oracle.amount_of(command.instruction_id) is not None,
                cash_short=stray is not None and stray.amount > oracle.unpromised_cash,
            )
        case c.ReleaseReserve():
            return _when(reserve_too_small=command.amount_fen > oracle.reserve)
        case c.RequestPayout():
            return _when(
                account_frozen=_frozen(oracle, "payouts"),
                instruction_exists=oracle.amount_of(command.instruction_id) is not None,
                payout_backdated=command.effective_on < today,
                payout_not_free=command.amount_fen > oracle.free(today),
            )
        case c.HoldFunds():
            return _when(hold_exists=command.hold_id in oracle.holds)
        case c.ReleaseHold():
            return _when(hold_not_found=command.hold_id not in oracle.holds)
        case c.FreezeAccount():
            return _when(account_frozen=command.scope in oracle.frozen)
        case c.UnfreezeAccount():
            return _when(account_not_frozen=command.scope not in oracle.frozen)
        case _:
            return set()
