"""What verification can find: each kind once, with its sentence in both languages."""

from collections import Counter
from typing import NamedTuple
from uuid import UUID

import msgspec

Figures = dict[str, int | str]


class Kind(NamedTuple):
    """The sentences of one kind of difference; `{name}` places take the figures."""

    en: str
    zh: str


KINDS: dict[str, Kind] = {
    # the log
    "head_differs": Kind(
        "The head of the partition is {head}, its last event is at {last}.", "分区的末位记为{head}，最后事件在{last}。"
    ),
    "position_missing": Kind(
        "{count} event(s) from position {first} on are missing.", "自位置{first}起缺少{count}个事件。"
    ),
    "partition_unknown": Kind(
        "{count} event(s) are in a partition that the store does not have.", "{count}个事件位于不存在的分区。"
    ),
    "partition_wrong": Kind(
        "The account belongs to partition {expected} by its id.", "按账户标识，该账户应在分区{expected}。"
    ),
    "version_differs": Kind(
        "The account's next version is {expected}, the event says {found}.",
        "账户的下一版本应为{expected}，事件为{found}。",
    ),
    "command_broken": Kind(
        "The events of one command do not stand together as they were recorded.", "同一指令的事件未按记录时相连。"
    ),
    "guard_missing": Kind(
        "The trigger {trigger} of {table} does not refuse changes any more: what is recorded can be altered.",
        "{table}的触发器{trigger}已不再拒绝更改：已记录的内容可被改动。",
    ),
    # the payload
    "payload_unreadable": Kind("The payload cannot be read: {reason}.", "事件内容无法读取：{reason}。"),
    "payload_altered": Kind("The payload is not written as the ledger writes it.", "事件内容与系统写出的格式不一致。"),
    "recorded_at_differs": Kind(
        "The column says recorded at {column}, the payload {payload}.", "记录时间列为{column}，事件内容为{payload}。"
    ),
    "lines_differ": Kind(
        "The lines add up to {lines_fen} fen, the event says {amount_fen} fen.",
        "明细合计{lines_fen}分，事件金额{amount_fen}分。",
    ),
    "postings_unbalanced": Kind(
        "The event's postings add {difference_fen} fen more to assets than to liabilities.",
        "事件的分录使资产比负债多{difference_fen}分。",
    ),
    "draw_differs": Kind(
        "Lesson {lesson} of contract {contract_id} is worth {expected_fen} fen, {amount_fen} fen were drawn.",
        "合同{contract_id}第{lesson}课时应为{expected_fen}分，实际消课{amount_fen}分。",
    ),
    # the account
    "account_unreplayable": Kind(
        "The account cannot be replayed past this event: {reason}.", "账户无法重放到此事件之后：{reason}。"
    ),
    "account_unbalanced": Kind(
        "Assets are {assets_fen} fen, liabilities {liabilities_fen} fen.",
        "资产{assets_fen}分，负债{liabilities_fen}分。",
    ),
    "bucket_differs": Kind(
        "The bucket {bucket} holds {bucket_fen} fen, its parts add up to {parts_fen} fen.",
        "科目{bucket}为{bucket_fen}分，其明细合计{parts_fen}分。",
    ),
    "bucket_negative": Kind(
        "The bucket {bucket} holds {bucket_fen} fen: it cannot be below zero.",
        "科目{bucket}为{bucket_fen}分，不应为负。",
    ),
    # the unique keys
    "unique_key_missing": Kind(
        "The unique key {key} ({key_kind}) of the event is missing.", "事件的唯一键{key}（{key_kind}）缺失。"
    ),
    "unique_key_surplus": Kind(
        "The unique key {key} ({key_kind}) points to an event that does not take it.",
        "唯一键{key}（{key_kind}）所指事件并未占用它。",
    ),
    "unique_key_elsewhere": Kind(
        "The unique key {key} ({key_kind}) of the event points to position {found} of partition {found_partition}.",
        "事件的唯一键{key}（{key_kind}）指向分区{found_partition}的位置{found}。",
    ),
    "unique_key_digest": Kind(
        "The unique key {key} ({key_kind}) has another digest than the event.",
        "唯一键{key}（{key_kind}）的摘要与事件不同。",
    ),
    # what is derived
    "snapshot_differs": Kind("The snapshot is not what its events add up to.", "快照与事件累计的结果不一致。"),
    "snapshot_without_events": Kind(
        "The snapshot is of a version that the account does not have.", "快照的版本在账户中不存在。"
    ),
    "view_row_missing": Kind("View {view}: row {key} is missing.", "视图{view}缺少行{key}。"),
    "view_row_surplus": Kind("View {view}: row {key} follows from no event.", "视图{view}的行{key}没有事件依据。"),
    "view_row_differs": Kind(
        "View {view}: row {key} differs from its events in {columns}.", "视图{view}的行{key}在{columns}上与事件不符。"
    ),
    "view_underivable": Kind(
        "View {view} cannot be derived from the events: {reason}.", "视图{view}无法由事件得出：{reason}。"
    ),
}


class Difference(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is not as the events say: its kind, its place as far as it has one, and the figures (fen)."""

    kind: str
    partition: int | None = None
    position: int | None = None
    account_id: UUID | None = None
    version: int | None = None
    figures: Figures = {}

    @property
    def message(self) -> str:
        """The English sentence."""
        return KINDS[self.kind].en.format(**self.figures)

    @property
    def message_zh(self) -> str:
        """The Chinese sentence."""
        return KINDS[self.kind].zh.format(**self.figures)


class Differences:
    """Collects differences: every one is counted, the first `kept` of each kind are kept."""

    def __init__(self, kept: int = 100) -> None:
        self._kept = kept
        self.counts: Counter[str] = Counter()
        self.found: list[Difference] = []

    def add(
        self,
        kind: str,
        /,
        *,
        partition: int | None = None,
        position: int | None = None,
        account_id: UUID | None = None,
        version: int | None = None,
        **figures: int | str,
    ) -> None:
        """Note one difference."""
        assert kind in KINDS, kind
        self.counts[kind] += 1
        if self.counts[kind] <= self._kept:
            self.found.append(
                Difference(
                    kind=kind,
                    partition=partition,
                    position=position,
                    account_id=account_id,
                    version=version,
                    figures=figures,
                )
            )
