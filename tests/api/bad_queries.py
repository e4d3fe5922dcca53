"""Queries that must be refused: names that are not ours, days and instants that are not written as such."""

from tests.api.bad_requests import Bad, deposit

QUERIES = [
    Bad("instant as a number", "bank", "/v1/accounts/{account_id}/balance", "request_invalid", 422, "/query/as_of",
        "not_instant", method="GET", query={"as_of": "1788220800"}),
    Bad("day as a number", "bank", "/v1/accounts/{account_id}/balance", "request_invalid", 422, "/query/effective_on",
        "not_date", method="GET", query={"effective_on": "1788220800"}),
    Bad("month of no year", "regulator", "/v1/institutions/league", "request_invalid", 422, "/query/month",
        "pattern", method="GET", query={"month": "0000-01"}),
    Bad("misspelt instant", "bank", "/v1/accounts/{account_id}/balance", "request_invalid", 422, "/query",
        "unknown_field", method="GET", query={"asof": "2026-09-01T00:00:00Z"}),
    Bad("misspelt filter", "regulator", "/v1/contracts", "request_invalid", 422, "/query", "unknown_field",
        method="GET", query={"acount_id": "{account_id}"}),
    Bad("misspelt filter of a public list", "regulator", "/v1/fee-notices", "request_invalid", 422, "/query",
        "unknown_field", method="GET", query={"institution": "i-1"}),
    Bad("query where none is taken", "bank", "/v1/deposits", "request_invalid", 422, "/query", "unknown_field",
        deposit(), query={"dry_run": True}),
    Bad("misspelt dry run", "bank", "/v1/bank-files", "request_invalid", 422, "/query", "unknown_field",
        content=b"bank_reference,account_no,amount,currency,booked_on\nr,110914000012345678,1.00,CNY,2026-09-01\n",
        headers={"content-type": "text/csv"}, query={"dryrun": True}),
]  # fmt: skip
