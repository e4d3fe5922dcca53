"""Orders over HTTP: made by one person, approved by another, sent by file, reported on by file; and suspense beside."""

from datetime import timedelta

import pytest

from ledger.bank.pain001 import NAME
from ledger.bank.pain_schemas import namespace_of_pain, pain001_schema
from ledger.bank.xml_document import Node, parse
from tests.api.route_cases import ROUTES
from tests.api.town import TODAY, Json, Town
from tests.bank.files.pain import payment, report, transaction

pytestmark = pytest.mark.anyio
MAKER, CHECKER = {"acting-person": "p-1"}, {"acting-person": "p-2"}


async def payout(town: Town) -> tuple[str, Json]:
    """An account under the national pack, and a payout of 500 fen that person p-1 asked for."""
    account_id, contract_id = await town.under("default")
    await town.post("institution", "/v1/lessons", town.lesson(contract_id, account_id=account_id))
    await town.post("regulator", f"/v1/accounts/{account_id}/policy", {"pack": "national", "reason": "the law"})
    body = {"account_id": account_id, "amount_fen": 500}
    return account_id, await town.post("institution", "/v1/payouts", body, headers=MAKER)


async def shown(town: Town, who: str, instruction_id: str) -> Json:
    await town.catch_up()
    return await town.get(who, f"/v1/instructions/{instruction_id}")


async def test_an_order_from_its_maker_to_the_banks_report(town: Town) -> None:
    account_id, made = await payout(town)
    order = made["instruction_id"]
    waiting = await shown(town, "bank", order)
    assert (waiting["state"], waiting["needs_approval"], waiting["made_by"]) == (
        "pending",
        True,
        "institution:institution/p-1",
    )
    listed = await town.get("bank", "/v1/instructions", account_id=account_id, payable=True)
    assert listed["items"] == []
    body = {"account_id": account_id, "instruction_ids": [order]}
    for headers in (MAKER, {}):
        same = await town.call("institution", "POST", "/v1/instructions/approvals", body=body, headers=headers)
        assert (same.status_code, same.json()["code"]) == (403, "instruction_same_person")
    await town.post("institution", "/v1/instructions/approvals", body, headers=CHECKER)
    approved = await shown(town, "institution", order)
    assert (approved["state"], approved["checked_by"]) == ("approved", "institution:institution/p-2")
    listed = await town.get("bank", "/v1/instructions", account_id=account_id, payable=True)
    assert [one["instruction_id"] for one in listed["items"]] == [order]

    asked = {"message_id": town.new("PAY"), "account_id": account_id}
    message = await town.post("bank", "/v1/payment-messages", asked, key="journey-1")
    again = await town.call("bank", "POST", "/v1/payment-messages", body=asked, key="journey-1")
    assert (again.json(), again.headers["idempotency-replayed"]) == (message, "true")
    assert (message["orders"], message["amount_fen"], message["accounts"]) == (1, 500, 1)
    path = f"/v1/payment-messages/{message['message_id']}"
    file = await town.call("bank", "GET", path + "/file")
    assert (file.status_code, file.headers["content-type"]) == (200, "application/xml")
    assert (await town.call("bank", "GET", path + "/file")).content == file.content
    tree = parse(file.content)
    assert pain001_schema().fault(tree) is None
    root = Node(tree.getroot(), namespace_of_pain(NAME))
    assert root.text("CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/PmtId/EndToEndId") == made["end_to_end_id"]
    assert root.text("CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/CdtrAcct/Id/Othr/SchmeNm/Prtry") == "INSTITUTION"
    csv = await town.call("bank", "GET", path + "/file", format="csv")
    assert csv.headers["content-type"].startswith("text/csv")
    assert made["end_to_end_id"] in csv.text
    assert (await town.get("bank", path))["orders"] == 1
    exported = await shown(town, "bank", order)
    assert (exported["state"], exported["message_id"]) == ("exported", message["message_id"])

    status = report(
        message["message_id"],
        payment(
            f"{message['message_id']}-1", transaction(made["end_to_end_id"], "ACSC"), transaction("nobody", "ACSC")
        ),
        created=f"{TODAY.isoformat()}T08:30:00+08:00",
    )
    xml = {"content-type": "application/xml"}
    told = await town.call("bank", "POST", "/v1/payment-status", content=status, headers=xml, key="journey-2")
    answer = told.json()
    assert (answer["settled"], answer["refused"]) == (1, 1)
    assert [(one["result"], one["code"]) for one in answer["results"]] == [
        ("settled", None),
        ("refused", "status_order_not_found"),
    ]
    assert answer["results"][1]["figures"]["end_to_end_id"] == "nobody"
    before = await town.heads()
    twice = await town.call("bank", "POST", "/v1/payment-status", content=status, headers=xml, key="journey-2")
    assert [one["result"] for one in twice.json()["results"]] == ["repeated", "refused"]
    assert await town.heads() == before
    settled = await shown(town, "bank", order)
    assert (settled["state"], settled["bank_reference"], settled["unapproved"]) == (
        "settled",
        made["end_to_end_id"],
        False,
    )


@pytest.mark.parametrize(("stop", "undo"), [("freeze", "unfreeze"), ("suspend", "resume"), ("wind-down", "")])
async def test_no_bank_is_told_to_pay_what_is_held(town: Town, stop: str, undo: str) -> None:
    """No message takes it (and none is filled up with such orders), and a bank that polls is not shown it."""
    account_id, contract_id = await town.under("default")
    await town.post("institution", "/v1/lessons", town.lesson(contract_id, account_id=account_id))
    order = await town.post("institution", "/v1/payouts", {"account_id": account_id, "amount_fen": 500})

    async def payable() -> list[str]:
        await town.catch_up()
        listed = await town.get("bank", "/v1/instructions", account_id=account_id, payable=True)
        return [one["instruction_id"] for one in listed["items"]]

    assert await payable() == [order["instruction_id"]]
    body = {"reason": "as decided"} | ({"scope": "payouts"} if undo == "unfreeze" else {})
    await town.post("regulator", f"/v1/accounts/{account_id}/{stop}", body)
    assert await payable() == []
    asked = {"message_id": town.new("PAY"), "account_id": account_id}
    none = await town.call("bank", "POST", "/v1/payment-messages", body=asked)
    assert (none.status_code, none.json()["code"]) == (404, "payment_orders_not_found")
    if undo:
        await town.post("regulator", f"/v1/accounts/{account_id}/{undo}", body)
        assert await payable() == [order["instruction_id"]]


async def test_a_declined_order_gives_its_money_back(town: Town) -> None:
    account_id, made = await payout(town)
    await town.catch_up()
    path = f"/v1/instructions/{made['instruction_id']}/decline"
    receipt = await town.post("regulator", path, {"reason": "not as agreed"})
    assert receipt["events"] == ["account.instruction_declined", "account.payout_failed"]
    row = await shown(town, "regulator", made["instruction_id"])
    assert (row["state"], row["reason"], row["checked_by"]) == (
        "declined",
        "not as agreed",
        "regulator:regulator@310104",
    )
    quote = await town.get("institution", "/v1/payouts/quote", account_id=account_id)
    terms = {one["term"]: one["amount_fen"] for one in quote["terms"]}
    assert terms["payout_in_flight_fen"] == 0


async def test_a_payment_that_nobody_approved_is_recorded_and_marked(town: Town) -> None:
    _, made = await payout(town)
    await town.catch_up()
    body = {
        "outcome": "settled",
        "amount_fen": 500,
        "settled_on": TODAY.isoformat(),
        "bank_reference": town.new("paid"),
    }
    await town.post("bank", f"/v1/instructions/{made['instruction_id']}/settlement", body)
    assert (await shown(town, "bank", made["instruction_id"]))["unapproved"] is True


async def test_messages_are_listed_in_pages(town: Town) -> None:
    for _ in range(3):
        await town.instruction()
        await town.post("bank", "/v1/payment-messages", {"message_id": town.new("L")})
    seen: list[str] = []
    cursor = None
    while True:
        page = await town.get("bank", "/v1/payment-messages", limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [one["message_id"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) >= 3
    assert (await town.get("bank", "/v1/payment-messages", unfinished=True))["items"] == []
    assert (await town.get("other_bank", "/v1/payment-messages"))["items"] == []


async def test_receipts_in_suspense_show_their_age_and_what_they_may_pay(town: Town) -> None:
    contract = town.contract()
    contract_id = (await town.post("institution", "/v1/contracts", contract))["contract_id"]
    written = contract["contract_no"].lower().replace("-", " ")
    old = (TODAY - timedelta(days=20)).isoformat()
    deposit = town.deposit(10_000, contract_reference=written, value_on=old)
    suspense_id = (await town.post("bank", "/v1/deposits", deposit))["lines"][0]["suspense_id"]
    await town.catch_up()
    aged = await town.get("institution", "/v1/suspense", min_age_days=20, limit=500)
    assert {one["suspense_id"]: one["age_days"] for one in aged["items"]}[suspense_id] == 20
    older = await town.get("institution", "/v1/suspense", min_age_days=21, limit=500)
    assert suspense_id not in {one["suspense_id"] for one in older["items"]}
    told = await town.get("institution", f"/v1/suspense/{suspense_id}/suggestions")
    first = told["suggestions"][0]
    assert (first["contract_id"], first["amount_fen"]) == (contract_id, 10_000)
    assert [one["reason"] for one in first["reasons"]] == ["reference_form", "amount_due"]
    body = {"account_id": told["account_id"], "contract_id": contract_id, "amount_fen": 10_000, "reason": "reference"}
    await town.post("institution", f"/v1/suspense/{suspense_id}/match", body)
    await town.catch_up()
    assert (await town.get("institution", f"/v1/suspense/{suspense_id}/suggestions"))["suggestions"] == []


def test_every_route_of_orders_is_tried_with_every_client() -> None:
    paths = {path for _, path in ROUTES}
    assert {"/v1/payment-messages/{message_id}/file", "/v1/payment-status", "/v1/instructions/approvals"} <= paths
