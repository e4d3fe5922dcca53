"""`escrow explain`: why an event was decided, in sentences, with the law as it was then."""

import re
from typing import Annotated
from uuid import UUID

import psycopg
import typer
import uvloop
from psycopg_pool import AsyncConnectionPool

from ledger.application.explain import Explanation, RuleShown, Sentence, explain_event, explain_position
from ledger.application.law import load_law
from ledger.application.reading import as_uuid
from ledger.cli.output import JsonOption, LangOption, choose, is_json, print_json
from ledger.cli.store import open_store
from ledger.rulebook.rulebook import Rulebook
from ledger.rulebook.value_words import DATING
from ledger.settings import Settings

_POSITION = re.compile(r"([0-9]{1,4}):([0-9]{1,15})")
_VERSION = re.compile(r"([^/]+)/([0-9]{1,15})")


def run(
    event: Annotated[str, typer.Argument(help="PARTITION:POSITION, or ACCOUNT_ID/VERSION.")],
    lang: LangOption = None,
    json_: JsonOption = False,
) -> None:
    """Say what happened in an event, by which rules and which figures."""
    settings = Settings()
    rulebook = load_law(settings).rulebook
    position, version = _POSITION.fullmatch(event), _VERSION.fullmatch(event)
    account_id = as_uuid(version[1]) if version else None
    if position is None and account_id is None:
        raise typer.BadParameter(
            choose("An event is PARTITION:POSITION or ACCOUNT_ID/VERSION.", "事件写作 分区:位置 或 账户编号/版本。")
        )
    with open_store(settings) as database:
        if position is not None:
            place = (int(position[1]), int(position[2]))
            explanation = uvloop.run(_at_position(database.url, rulebook, place))
        else:
            assert account_id is not None
            assert version is not None
            explanation = uvloop.run(
                _at_version(database.url, rulebook, settings.partitions, account_id, int(version[2]))
            )
    if is_json():
        print_json(explanation)
    else:
        _print(explanation)


async def _at_position(url: str, rulebook: Rulebook, place: tuple[int, int]) -> Explanation:
    async with AsyncConnectionPool[psycopg.AsyncConnection[object]](url, min_size=1, open=False) as pool:
        return await explain_position(pool, rulebook, partition=place[0], position=place[1])


async def _at_version(url: str, rulebook: Rulebook, partitions: int, account_id: UUID, version: int) -> Explanation:
    async with AsyncConnectionPool[psycopg.AsyncConnection[object]](url, min_size=1, open=False) as pool:
        return await explain_event(pool, rulebook, partitions=partitions, account_id=account_id, version=version)


def _print(explanation: Explanation) -> None:
    place = f"{explanation.account_id}/{explanation.version} ({explanation.partition}:{explanation.position})"
    print(f"{explanation.topic}  {place}")
    counts = choose(
        f"counts for {explanation.effective_on}, recorded at {explanation.recorded_at.isoformat()}",
        f"生效日{explanation.effective_on}，记录于{explanation.recorded_at.isoformat()}",
    )
    print(f"{explanation.cause}, {explanation.actor}, {counts}")
    first, *others = explanation.sentences
    print(f"\n{_said(first)}")
    for sentence in others:
        print(f"  {_said(sentence)}")
    if explanation.policy is not None:
        decided = choose("Decided by rules of", "所依规则")
        print(f"\n{decided} {explanation.policy}:")
    for rule in explanation.rules:
        _print_rule(rule)
    if explanation.unknown_rules:
        named = ", ".join(explanation.unknown_rules)
        print(
            choose(
                f"  Not in this rulebook, as of that policy: {named}.",
                f"  本规则库在该政策版本下没有以下规则的取值：{named}。",
            )
        )


def _print_rule(rule: RuleShown) -> None:
    source = " ".join(part for part in (rule.source.issuer, rule.source.document, rule.source.article) if part)
    dated = choose(*DATING[rule.dated])
    print(f"  {rule.rule}  {_said(rule.title)}: {_said(rule.value)}")
    print(f"    {rule.pack}, {rule.valid_from} ({dated}); {rule.sure}: {_said(rule.certainty)}; {source}")
    if rule.note is not None:
        print(f"    {_said(rule.note)}")


def _said(sentence: Sentence) -> str:
    return choose(sentence.en, sentence.zh)
