"""A bank's desk: entries, status reports, webhooks with what was given up, API clients; other banks see nothing."""

from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc.jwk import OKPKey

from ledger.application.access import Bindings
from ledger.application.clients import add_client, revoke_client
from tests.api.town import TODAY
from tests.bank.files.pain import payment, report, transaction
from tests.web.site_over import FORM_KEY, HOST, Site, Visitor

pytestmark = pytest.mark.anyio


async def test_an_entry_is_looked_up_by_its_reference(site: Site) -> None:
    contract_id = await site.town.sign()
    paid = site.town.deposit(10_000, contract_reference=contract_id)
    held = site.town.deposit(777)
    for body in (paid, held):
        await site.town.post("bank", "/v1/deposits", body)
    await site.town.catch_up()
    async with site.signed_in("bank") as visitor, site.signed_in("other_bank") as other:
        page = await visitor.get(f"/bank/entries?reference={paid['bank_reference']}")
        assert contract_id in page.text
        assert "account.fee_paid" in page.text
        assert "100.00" in visitor.text()
        page = await visitor.get(f"/bank/entries?reference={held['bank_reference']}")
        assert "account.deposit_held_in_suspense" in page.text
        assert "7.77" in visitor.text()
        paying = await site.town.instruction()
        said = {"outcome": "settled", "amount_fen": 10_000, "settled_on": TODAY.isoformat()}
        path = f"/v1/instructions/{paying}/settlement"
        await site.town.post("bank", path, said | {"bank_reference": held["bank_reference"]})
        await site.town.catch_up()
        page = await visitor.get(f"/bank/entries?reference={held['bank_reference']}")
        assert "account.deposit_held_in_suspense" in page.text
        assert "account.refund_paid" in page.text, "a credit and a debit of one reference are two entries"
        assert "账本没有流水号为“nobody”的记录。" in (await visitor.get("/bank/entries?reference=nobody")).text
        for hostile in ("%00", "x" * 201):
            assert (await visitor.get(f"/bank/entries?reference={hostile}")).status_code == 422
        foreign = await other.get(f"/bank/entries?reference={paid['bank_reference']}")
        assert contract_id not in foreign.text
        assert "账本没有流水号" in foreign.text


async def test_a_status_report_is_recorded_with_each_orders_result(site: Site) -> None:
    town = site.town
    instruction_id = await town.instruction()
    message_id = (await town.post("bank", "/v1/payment-messages", {"message_id": town.new("M")}))["message_id"]
    await town.catch_up()
    order = await town.get("bank", f"/v1/instructions/{instruction_id}")
    said = report(
        message_id,
        payment(f"{message_id}-1", transaction(order["end_to_end_id"], "ACSC"), transaction("nobody", "ACSC")),
        created="2026-09-01T10:00:00+08:00",
    )
    async with site.signed_in("bank") as visitor, site.signed_in("other_bank") as other:
        done = await _report(visitor, said)
        assert done.status_code == 200, done.text
        assert order["end_to_end_id"] in done.text
        assert "status_order_not_found" in done.text
        assert done.text.index("status_order_not_found") < done.text.index("已付</span>"), "refused ones first"
        again = await _report(visitor, said)
        assert "已记录过" in again.text
        assert "status_message_not_found" in (await _report(other, said)).text
        refused = await _report(visitor, b"<x/>")
        assert refused.status_code == 422
    await town.catch_up()
    assert (await town.get("bank", f"/v1/instructions/{instruction_id}"))["state"] == "settled"


async def test_a_delivery_that_was_given_up_is_sent_again(site: Site) -> None:
    town = site.town
    hook = {"url": "http://127.0.0.1:9/hook", "topics": ["instruction.*"]}
    endpoint_id = await town.webhook("bank", hook)
    await town.instruction()
    await town.catch_up()
    delivery_id = await town.delivery("bank", endpoint_id, dead=True)
    path = f"/bank/webhooks/{endpoint_id}"
    async with site.signed_in("bank") as visitor, site.signed_in("other_bank") as other:
        assert "已放弃1" in (await visitor.get("/bank/webhooks")).text
        assert delivery_id in (await visitor.get(f"{path}?state=dead")).text
        one = await visitor.get(f"{path}/deliveries/{delivery_id}")
        assert "instruction." in one.text
        assert "whsec_" not in one.text
        sent = await visitor.post(f"{path}/deliveries/{delivery_id}/resend")
        assert "将再次投递" in sent.text
        assert delivery_id not in (await visitor.get(f"{path}?state=dead")).text
        waiting = await visitor.post(f"{path}/deliveries/{delivery_id}/resend", form_key="other")
        assert "delivery_waiting" in waiting.text
        await town.post("bank", f"/v1/webhooks/{endpoint_id}/disable", {"reason": "moving"})
        assert "moving" in (await visitor.get(path)).text
        assert "端点已启用" in (await visitor.post(f"{path}/enable")).text
        assert endpoint_id not in (await other.get("/bank/webhooks")).text
        for page in (path, f"{path}/deliveries/{delivery_id}"):
            assert (await other.get(page)).status_code == 404
        for form in (f"{path}/enable", f"{path}/deliveries/{delivery_id}/resend"):
            assert (await other.post(form, form_key="k")).status_code == 404
        assert (await visitor.get("/bank/webhooks/none")).status_code == 404
        assert (await visitor.get(f"{path}/deliveries/none")).status_code == 404


async def test_clients_are_listed_without_their_keys(site: Site) -> None:
    key = OKPKey.generate_key("Ed25519", {"kid": "key-2026"})
    public: dict[str, Any] = key.as_dict(private=False)
    async with site.town.app.state.services.pool.connection() as connection:
        await add_client(
            connection,
            client_id="icbc-core",
            name="Core system",
            role="bank",
            scopes=frozenset({"deposits:write"}),
            bindings=Bindings(bank="ICBC"),
            now=datetime.now(UTC),
            public_jwks={"keys": [public]},
        )
        await revoke_client(connection, client_id="icbc-core", now=datetime.now(UTC))
    async with site.signed_in("bank") as visitor, site.signed_in("other_bank") as other:
        page = await visitor.get("/bank/clients")
        card = page.text.split("icbc-core")[1].split("</article>")[0]
        assert "key-2026" in card
        assert "deposits:write" in card
        assert "已吊销" in card
        assert public["x"] not in page.text
        assert "icbc-core" not in (await other.get("/bank/clients")).text


async def _report(visitor: Visitor, content: bytes) -> Any:
    await visitor.get("/bank/status")
    assert visitor.last is not None
    found = FORM_KEY.search(visitor.last.text)
    assert found is not None
    return await visitor.http.post(
        "/bank/status",
        data={"form_key": found.group(1)},
        files={"file": ("status.xml", content)},
        headers={"origin": HOST},
    )
