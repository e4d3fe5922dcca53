"""`/v1/rules`: the law as this installation has it, for whoever has a token; and why an event was decided so."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from api.answers import found
from api.documentation import described
from api.pages import Reading, reading
from api.query import Day
from ledger.application.explain import Explanation, RuleShown, Sentence, explain_event, rule_shown
from ledger.domain.errors import LedgerError
from ledger.domain.policy import Enforcement
from ledger.rulebook.rulebook import InForce, Rulebook

router = APIRouter(tags=["rules"])

On = Annotated[Day | None, Query(description="The law of this day; today's if absent.", examples=["2026-09-01"])]


class PackShown(msgspec.Struct, kw_only=True):
    """A pack: `extends` are the packs that speak where it is silent, the nearest first; `policy` is its name today."""

    pack: str
    title: Sentence
    note: Sentence | None
    jurisdiction: str
    extends: list[str]
    policy: str


class PackList(msgspec.Struct, kw_only=True):
    """All packs that an account can be assigned."""

    items: list[PackShown]


class RuleInForce(RuleShown, frozen=True, kw_only=True):
    """A rule's value on the day asked for; `enforcement` is what happens beyond a limit (absent: refused)."""

    enforcement: Enforcement | None


class PackLaw(msgspec.Struct, kw_only=True):
    """What a pack says on a day, its parents' rules included; these values are in force since `since`."""

    pack: str
    title: Sentence
    note: Sentence | None
    on: date
    since: date
    policy: str
    rules: list[RuleInForce]


@router.get("/v1/rules", **described(summary="List rule packs", answer=PackList))
async def list_packs(read: Annotated[Reading, Depends(reading("rules:read"))]) -> Response:
    rulebook, today = read.books.rulebook, read.books.ledger.today()
    items = [_pack(rulebook, name, rulebook.of(name, today).name) for name in rulebook.packs]
    return found(PackList(items=items))


@router.get(
    "/v1/rules/{pack}",
    **described(
        summary="Get the rules of a pack on a day",
        description="Each with its value in words, its source, and how sure we are: V was read in a public source, C "
        "is a consultation draft, D is our own default and no law.",
        answer=PackLaw,
        codes=("pack_not_found",),
    ),
)
async def get_pack(pack: str, read: Annotated[Reading, Depends(reading("rules:read"))], on: On = None) -> Response:
    rulebook, day = read.books.rulebook, on or read.books.ledger.today()
    if pack not in rulebook.packs:
        raise LedgerError("pack_not_found", pack=pack)
    shown, law = _pack(rulebook, pack, ""), rulebook.in_force(pack, day)
    return found(
        PackLaw(
            pack=pack,
            title=shown.title,
            note=shown.note,
            on=day,
            since=law.since,
            policy=law.policy.name,
            rules=_rules(law),
        )
    )


@router.get(
    "/v1/accounts/{account_id}/events/{version}/explanation",
    **described(
        summary="Explain an event",
        description="What happened with its figures and arithmetic, in Chinese and English, and the rules that decided "
        "it as they were in force then.",
        answer=Explanation,
        codes=("account_not_found", "event_not_found"),
    ),
)
async def get_explanation(
    account_id: str,
    version: Annotated[int, Path(ge=1, le=2**53 - 1, description="Which event of the account, from 1.")],
    read: Annotated[Reading, Depends(reading("history:read"))],
) -> Response:
    row = await read.books.reader.account(account_id, read.scope)
    explanation = await explain_event(
        read.pool,
        read.books.rulebook,
        partitions=read.books.ledger.partitions,
        account_id=UUID(row.account_id),
        version=version,
    )
    return found(explanation)


def _pack(rulebook: Rulebook, name: str, policy: str) -> PackShown:
    entry = rulebook.packs[name].entry
    return PackShown(
        pack=name,
        title=Sentence(entry.title.en, entry.title.zh),
        note=None if entry.note is None else Sentence(entry.note.en, entry.note.zh),
        jurisdiction=entry.jurisdiction,
        extends=list(rulebook.chain(name)[1:]),
        policy=policy,
    )


def _rules(law: InForce) -> list[RuleInForce]:
    return [
        RuleInForce(**msgspec.structs.asdict(rule_shown(value)), enforcement=value.enforcement)
        for value in law.values.values()
    ]
