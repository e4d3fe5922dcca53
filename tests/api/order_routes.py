"""Routes of orders to banks: approved, declined, sent in messages, reported on; and what suspense may pay."""

from tests.api.route_shapes import WHY, Case, Right
from tests.api.town import Town
from tests.bank.files.pain import report


async def _awaiting(town: Town) -> tuple[str, str]:
    """An account with a payout that waits for a second person, and the payout."""
    account_id, contract_id = await town.under("default")
    await town.post("institution", "/v1/lessons", town.lesson(contract_id, account_id=account_id))
    await town.post("regulator", f"/v1/accounts/{account_id}/policy", {"pack": "national", "reason": "the law"})
    body = {"account_id": account_id, "amount_fen": 1}
    made = await town.post("institution", "/v1/payouts", body, headers={"acting-person": "maker"})
    return account_id, made["instruction_id"]


async def _approval(town: Town) -> Right:
    account_id, instruction_id = await _awaiting(town)
    body = {"account_id": account_id, "instruction_ids": [instruction_id]}
    return Right(body=body, headers={"acting-person": "checker"})


async def _decline(town: Town) -> Right:
    _, instruction_id = await _awaiting(town)
    return Right({"instruction_id": instruction_id}, WHY, headers={"acting-person": "checker"})


async def _message(town: Town) -> str:
    await town.instruction()
    return (await town.post("bank", "/v1/payment-messages", {"message_id": town.new("M")}))["message_id"]


async def _new_message(town: Town) -> Right:
    await town.instruction()
    return Right(body={"message_id": town.new("M")})


async def _of_message(town: Town) -> Right:
    return Right({"message_id": await _message(town)})


async def _status(town: Town) -> Right:
    return Right(content=report(await _message(town), status="ACCP"), media_type="application/xml")


async def _suggestions(town: Town) -> Right:
    return Right({"suspense_id": await town.suspense()})


async def _messages(town: Town) -> Right:
    await _message(town)
    return Right()


ORDER_ROUTES: dict[tuple[str, str], Case] = {
    ("POST", "/v1/instructions/approvals"): Case("instructions:approve", _approval),
    ("POST", "/v1/instructions/{instruction_id}/decline"): Case("instructions:approve", _decline),
    ("POST", "/v1/payment-messages"): Case("instructions:export", _new_message),
    ("GET", "/v1/payment-messages"): Case("instructions:export", _messages, "empty"),
    ("GET", "/v1/payment-messages/{message_id}"): Case("instructions:export", _of_message),
    ("GET", "/v1/payment-messages/{message_id}/file"): Case("instructions:export", _of_message),
    ("POST", "/v1/payment-status"): Case("instructions:settle", _status),
    ("GET", "/v1/suspense/{suspense_id}/suggestions"): Case("suspense:read", _suggestions),
}
