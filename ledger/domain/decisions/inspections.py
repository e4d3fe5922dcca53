"""Decisions about inspection draws: the list is fixed first, the seed opened later, the result follows from both."""

import re

from ledger.domain.commands.inspections import AnnounceInspectionDraw, DrawInspections
from ledger.domain.decisions.context import Context, Decision
from ledger.domain.errors import LedgerError
from ledger.domain.events import InspectionDrawAnnounced, InspectionDrawn
from ledger.domain.inspection import InspectionDraw
from ledger.domain.inspection_draw import check_input, commitment_of, digest_of, draw, in_order, seed_of

_HASH = re.compile("[0-9a-f]{64}")


def announce_draw(current: InspectionDraw, command: AnnounceInspectionDraw, context: Context) -> Decision:
    """The list with its digest. The day of the draw comes later, so that nobody knows the seed yet.

    Refuses `draw_exists`, `draw_seed_unsourced`, `draw_day_early`, and the refusals of `check_input`.
    """
    if current.version:
        raise LedgerError("draw_exists")
    committed = bool(_HASH.fullmatch(command.commitment))
    if (command.commitment and not committed) or not (committed or command.public_source):
        raise LedgerError("draw_seed_unsourced")
    if command.draw_on <= context.today:
        raise LedgerError("draw_day_early", draw_on=command.draw_on.isoformat(), today=context.today.isoformat())
    check_input(command.input)
    return [
        InspectionDrawAnnounced(
            **context.envelope(command),
            input=in_order(command.input),
            digest=digest_of(command.input),
            draw_on=command.draw_on,
            commitment=command.commitment,
            public_source=command.public_source,
        )
    ]


def draw_inspections(current: InspectionDraw, command: DrawInspections, context: Context) -> Decision:
    """What the announced list and the opened seed make.

    Refuses `draw_done`, `draw_too_early`, `draw_secret_wrong`, `draw_public_value_wrong`.
    """
    if current.input is None or current.draw_on is None:
        raise LedgerError("draw_done")
    if context.today < current.draw_on:
        raise LedgerError("draw_too_early", draw_on=current.draw_on.isoformat())
    if not opens(command.secret, current.commitment):
        raise LedgerError("draw_secret_wrong")
    if bool(command.public_value) is not bool(current.public_source):
        raise LedgerError("draw_public_value_wrong")
    seed = seed_of(current.digest, secret=command.secret, public_value=command.public_value)
    return [
        InspectionDrawn(
            **context.envelope(command),
            digest=current.digest,
            seed=seed,
            sites=draw(current.input, seed),
            secret=command.secret,
            public_value=command.public_value,
        )
    ]


def opens(secret: str, commitment: str) -> bool:
    """Whether the secret (64 hex characters) is that of the commitment; both empty when none was made."""
    if not commitment:
        return not secret
    return bool(_HASH.fullmatch(secret)) and commitment_of(secret) == commitment
