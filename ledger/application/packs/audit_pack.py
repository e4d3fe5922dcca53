"""The audit pack: an account's whole history with postings, running balances and reasons, checked, and signed."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.application.ledger import CHINA
from ledger.application.packs.audit_history import EVENTS, POSTINGS, AuditHistory, rows_of
from ledger.application.packs.claims_pack import PackWritten
from ledger.application.packs.place import find_place
from ledger.domain.postings import ASSETS, BUCKETS
from ledger.packs.documents import Document, Section, Table, to_pdf, yuan
from ledger.packs.manifest import seal_pack
from ledger.packs.tables import Column, TableFile, write_parquet, write_table

TITLE: Final = "账户审计包 Audit pack"
Progress = Callable[[int, int], None]

_SHOWN_DIFFERENCES: Final = 50
_REPORT_EVERY: Final = 1_000
_CONTRACTS: Final = (
    *(Column(name) for name in ("contract_id", "contract_no", "family_id", "student_id", "course_id", "subject")),
    Column("category"),
    *(Column(name, "date") for name in ("signed_on", "starts_on", "ends_on", "ended_on")),
    *(Column(f"{name}_fen", "integer") for name in ("price", "paid", "drawn", "refunded", "charged", "prepaid")),
    Column("status"),
    Column("packages"),
)
_REFUNDS: Final = (
    Column("refund_id"),
    Column("contract_id"),
    Column("reason"),
    Column("requested_on", "date"),
    Column("ground"),
    Column("state"),
    Column("basis"),
    Column("agreed_by"),
    *(Column(f"{name}_fen", "integer") for name in ("quoted", "offered", "agreed", "in_flight", "paid", "charged")),
    *(Column(name) for name in ("quote", "bases", "steps", "legs")),
)
_INSTRUCTIONS: Final = (
    *(Column(name) for name in ("instruction_id", "kind", "subject_id", "bank", "account_no", "route")),
    Column("amount_fen", "integer"),
    Column("end_to_end_id"),
    Column("instructed_on", "date"),
    Column("state"),
    Column("settled_on", "date"),
    Column("bank_reference"),
    Column("reason"),
)
_BALANCES: Final = (Column("bucket"), Column("side"), Column("balance_fen", "integer"))
_DIFFERENCES: Final = (
    Column("kind"),
    Column("version", "integer"),
    Column("position", "integer"),
    Column("message_zh"),
    Column("message_en"),
)


def write_audit_pack(
    url: str,
    account_id: UUID,
    directory: Path,
    key: Ed25519PrivateKey,
    *,
    as_of: datetime | None = None,
    version: int | None = None,
    on_progress: Progress = lambda _done, _total: None,
) -> PackWritten:
    """Write the pack into an empty directory, event by event. The same log, place and key give the same bytes.

    Raises LedgerError `account_not_found`; OSError.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        place = find_place(connection, account_id, as_of=as_of, version=version)
        history = AuditHistory(connection, place)
        with (
            TableFile(directory, "events", EVENTS) as events,
            TableFile(directory, "postings", POSTINGS) as postings,
        ):
            for told in history.told():
                events.write(told.event)
                for posted in told.postings:
                    postings.write(posted)
                if events.rows % _REPORT_EVERY == 0:
                    on_progress(events.rows, place.version)
    on_progress(place.version, place.version)
    tables = [events, postings, *_derived_tables(history, directory)]
    for table in tables:
        write_parquet(table)
    (directory / "summary.pdf").write_bytes(to_pdf(_document(history, tables)))
    account, counts = history.account, dict(sorted(history.differences.counts.items()))
    facts: dict[str, object] = {
        "kind": "audit",
        "account_id": str(place.account_id),
        "institution_id": account.institution_id,
        "bank": account.bank,
        "account_no": account.account_no,
        "district": account.district,
        "as_of": place.as_of.astimezone(UTC).isoformat(),
        "partition": place.partition,
        "position": place.position,
        "version": place.version,
        "balances": {f"{bucket}_fen": getattr(account.buckets, bucket) for bucket in BUCKETS},
        "verification": {"passed": not counts, "differences": counts},
        "rows": {table.path.stem: table.rows for table in tables},
    }
    families = len({contract.family_id for contract in history.contracts.rows[0]})
    return PackWritten(directory, seal_pack(directory, facts, key), families, events.rows)


def _derived_tables(history: AuditHistory, directory: Path) -> list[TableFile]:
    buckets = history.account.buckets
    balances = ((bucket, "asset" if bucket in ASSETS else "liability", getattr(buckets, bucket)) for bucket in BUCKETS)
    differences = (
        (one.kind, one.version, one.position, one.message_zh, one.message) for one in history.differences.found
    )
    return [
        write_table(directory, "balances", _BALANCES, balances),
        write_table(directory, "contracts", _CONTRACTS, rows_of(history.contracts.rows[0], _CONTRACTS)),
        write_table(directory, "refunds", _REFUNDS, rows_of(history.refunds.rows[0], _REFUNDS)),
        write_table(directory, "instructions", _INSTRUCTIONS, rows_of(history.instructions.rows[0], _INSTRUCTIONS)),
        write_table(directory, "differences", _DIFFERENCES, differences),
    ]


def _document(history: AuditHistory, tables: list[TableFile]) -> Document:
    place = history.place
    at = place.as_of.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
    foot = f"账户 {place.account_id}  版本 {place.version}  位置 {place.partition}:{place.position}  截至 {at} (UTC+8)"
    return Document(TITLE, place.as_of, foot, _sections(history, tables, at))


def _sections(history: AuditHistory, tables: list[TableFile], at: str) -> Iterator[Section]:
    account, counts = history.account, history.differences.counts
    result = "核验通过：全部与事件一致。 Verified: no differences."
    if counts:
        result = f"核验发现差异 {sum(counts.values())} 处。 Differences found: {sum(counts.values())}."
    yield Section(
        paragraphs=[
            f"机构 {account.institution_id}，托管银行 {account.bank}，监管账户 {account.account_no}，"
            f"区域 {account.district}，政策包 {account.pack}。"
            f"截至 {at}（北京时间），第 1 至 {history.place.version} 个事件。",
            result,
        ]
    )
    balances = [
        [bucket, "资产 asset" if bucket in ASSETS else "负债 liability", yuan(getattr(account.buckets, bucket))]
        for bucket in BUCKETS
    ]
    amounts = frozenset({2})
    yield Section("一、余额 Balances", table=Table(["科目 Bucket", "方向", "余额（元）"], [4, 3, 3], balances, amounts))
    rows = [[f"{table.path.stem}.csv / .parquet", str(table.rows)] for table in tables]
    yield Section("二、附表 Tables", table=Table(["文件 File", "行数 Rows"], [4, 2], rows, frozenset({1})))
    topics = [[topic, str(count)] for topic, count in sorted(history.topics.items())]
    yield Section("三、事件 Events", table=Table(["主题 Topic", "数量"], [4, 2], topics, frozenset({1})))
    if counts:
        found = history.differences.found[:_SHOWN_DIFFERENCES]
        rows = [[one.kind, str(one.version or ""), f"{one.message_zh} {one.message}"] for one in found]
        heads = ["类别 Kind", "版本", "说明"]
        yield Section("四、差异 Differences", table=Table(heads, [3, 1, 8], rows, frozenset({1})))
