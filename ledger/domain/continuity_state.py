"""The working state of continuity: offers, a family's choice, transfers on their way out and in."""

from datetime import date

import msgspec


class ContinuityOffer(msgspec.Struct, frozen=True, kw_only=True):
    """What the institution offers to the families of another account."""

    from_account_id: str
    course_id: str
    lesson_minutes: int
    ends_on: date
    until_on: date


class ContinuityChoice(msgspec.Struct, frozen=True, kw_only=True):
    """Where a family goes on."""

    offer_id: str
    to_account_id: str


class TransferOut(msgspec.Struct, kw_only=True):
    """Money owed to another supervised account (fen), in `payout_in_flight` until the bank has sent it.

    Then it is kept, since it may come back. `instruction_id` is empty while no order to the bank is under way;
    `returns` counts those that failed or came back.
    """

    amount_fen: int
    route: str
    instruction_id: str = ""
    returns: int = 0


class TransferIn(msgspec.Struct, frozen=True, kw_only=True):
    """Money on its way from another supervised account (fen), in `in_transit` until the bank has it."""

    contract_id: str
    amount_fen: int
