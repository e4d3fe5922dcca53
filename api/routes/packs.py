"""`/v1/accounts/{id}/claims-pack` and `/audit-pack`: an account's signed files as one ZIP."""

import asyncio
import multiprocessing
import shutil
import tempfile
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from api.documentation import described
from api.pages import Reading, reading
from api.routes.balances import AsOf
from ledger.application.packs.making import PackKind, PackOf, make_zip
from ledger.domain.errors import LedgerError

router = APIRouter(tags=["regulator"])

MEDIA_TYPE: Final = "application/zip"
_SIGNED: Final = (
    "CSV, Parquet and PDF with a signed manifest, which `escrow verify-pack` checks offline. The same bytes for the "
    "same instant; without `as_of`, that of the account's last event."
)


def _zipped(**said: Any) -> dict[str, Any]:
    """The arguments of a route that answers a ZIP file."""
    arguments = described(answer=bytes, codes=("account_not_found", "instant_in_future"), **said)
    arguments["responses"][200] = {
        "description": "The pack.",
        "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}, "example": "PK"}},
    }
    return arguments


@router.get(
    "/v1/accounts/{account_id}/claims-pack",
    **_zipped(
        summary="What every family claims and gets",
        description="Of an account that is wound up, or as if it were now: per family the amount, the arithmetic of "
        "each package with its rules, the route tokens, and pro rata shares where cash is short; no names. " + _SIGNED,
    ),
)
async def get_claims_pack(
    request: Request,
    account_id: str,
    read: Annotated[Reading, Depends(reading("packs:read"))],
    as_of: AsOf = None,
) -> Response:
    return await _pack(request, read, "claims", account_id, as_of)


@router.get(
    "/v1/accounts/{account_id}/audit-pack",
    **_zipped(
        summary="An account's whole history, verified",
        description="Every event with its postings, running balances, who, why, by which rules, told in both "
        f"languages; contracts, refunds, instructions, balances and the result of the verification. {_SIGNED}",
    ),
)
async def get_audit_pack(
    request: Request,
    account_id: str,
    read: Annotated[Reading, Depends(reading("packs:read"))],
    as_of: AsOf = None,
) -> Response:
    return await _pack(request, read, "audit", account_id, as_of)


async def _pack(request: Request, read: Reading, kind: PackKind, account_id: str, as_of: datetime | None) -> Response:
    row = await read.books.reader.account(account_id, read.scope)
    if as_of is not None and as_of > read.books.ledger.clock():
        raise LedgerError("instant_in_future", instant=as_of.astimezone(UTC).isoformat())
    settings = request.app.state.services.settings
    directory = Path(tempfile.mkdtemp(prefix="escrow-pack-"))
    target = directory / f"{kind}-{row.account_id}.zip"
    try:
        wanted = PackOf(UUID(row.account_id), as_of)
        job = (settings, read.books.ledger.url, kind, wanted, target)
        await asyncio.get_running_loop().run_in_executor(_apart(), make_zip, *job)
    except BaseException:
        shutil.rmtree(directory)
        raise
    return FileResponse(
        target, media_type=MEDIA_TYPE, filename=target.name, background=BackgroundTask(shutil.rmtree, directory)
    )


@cache
def _apart() -> ProcessPoolExecutor:
    """A pack is a long computation: one at a time, in a process of its own, so that the server goes on answering."""
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), max_tasks_per_child=1)
