"""Clients added, listed and revoked from the command line."""

import json
from pathlib import Path

from joserfc.jwk import OKPKey

from tests.cli.conftest import Escrow

BANK = ("--role", "bank", "--bank", "ICBK")


def test_a_secret_is_printed_once_and_never_listed(escrow: Escrow) -> None:
    added = escrow("client", "add", "bank-1", *BANK, "--json")
    secret = added.json["client_secret"]
    assert len(secret) >= 40
    assert "ESCROW_ALLOW_DEV_SECRETS" in added.err
    assert "deposits:write" in added.json["scopes"]
    listed = escrow("client", "list", "--json")
    assert secret not in listed.out
    (client,) = listed.json
    assert (client["client_id"], client["role"], client["proof"]) == ("bank-1", "bank", "secret")
    assert client["bindings"] == {"bank": "ICBK"}
    assert "bank-1" in escrow("client", "list").out


def test_a_client_with_public_keys_has_no_secret(escrow: Escrow, tmp_path: Path) -> None:
    key = OKPKey.generate_key("Ed25519", {"kid": "k1"})
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    added = escrow("client", "add", "bank-1", *BANK, "--scope", "deposits:write", "--jwks", "keys.json", "--json")
    assert added.json["client_secret"] is None
    assert added.json["scopes"] == ["deposits:write"]
    assert added.err == ""


def test_private_keys_and_text_that_is_no_key_set_are_refused(escrow: Escrow, tmp_path: Path) -> None:
    key = OKPKey.generate_key("Ed25519", {"kid": "k1"})
    for content in (json.dumps({"keys": [key.as_dict(private=True)]}), "{", "[]"):
        (tmp_path / "keys.json").write_text(content)
        ended = escrow("client", "add", "bank-1", *BANK, "--jwks", "keys.json", "--json")
        assert (ended.status, ended.json["error"]["code"]) == (1, "client_key_wrong")
    assert escrow("client", "list", "--json").json == []


def test_refusals_have_their_code_and_sentence(escrow: Escrow) -> None:
    escrow("client", "add", "bank-1", *BANK)
    again = escrow("client", "add", "bank-1", *BANK)
    assert (again.status, again.err.splitlines()[0]) == (1, "escrow: Client bank-1 exists already.")
    beyond = escrow("client", "add", "bank-2", *BANK, "--scope", "accounts:write", "--json")
    assert (beyond.status, beyond.json["error"]["code"]) == (1, "client_scope_not_allowed")
    small = escrow("client", "add", "bank-3", "--role", "bank", "--bank", "icbk", "--json")
    assert (small.status, small.json["error"]["code"]) == (1, "bank_code_malformed")
    assert escrow("client", "add", "x", "--role", "king").status == 2


def test_a_revoked_client_says_since_when(escrow: Escrow) -> None:
    escrow("client", "add", "parents", "--role", "parent", "--family", "f-1", "--family", "f-2")
    since = escrow("client", "revoke", "parents", "--json").json["revoked_at"]
    assert escrow("client", "revoke", "parents", "--json").json["revoked_at"] == since
    (client,) = escrow("client", "list", "--json").json
    assert client["revoked_at"] is not None
    assert client["bindings"] == {"families": ["f-1", "f-2"]}
    unknown = escrow("client", "revoke", "nobody", "--json")
    assert (unknown.status, unknown.json["error"]["code"]) == (1, "client_not_found")
