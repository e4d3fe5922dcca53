"""Refusal codes: service."""

CODES: dict[str, tuple[str, str]] = {
    "queue_full": (
        "The ledger is busy: {waiting} commands are waiting. Try again shortly.",
        "账本繁忙：{waiting}条指令正在等待，请稍后重试。",
    ),
    "ledger_stopping": ("The ledger is shutting down; the command was not recorded.", "账本正在停止，指令未被记录。"),
    "outcome_unknown": (
        "The database did not say whether the command was recorded; repeat it with the same key.",
        "数据库未答复指令是否已记录，请用同一幂等键重试。",
    ),
    "projection_behind": (
        "The view is at position {position} of partition {partition}, not yet at {wanted}.",
        "视图在分区{partition}的位置为{position}，尚未到{wanted}。",
    ),
    "position_not_recorded": (
        "Partition {partition} has {recorded} events; there is no position {wanted} yet.",
        "分区{partition}共有{recorded}个事件，尚无位置{wanted}。",
    ),
    "instant_in_future": ("The instant {instant} has not come yet.", "时刻{instant}尚未到来。"),
    "store_partitions_differ": (
        "The store was made with {stored} partitions, not {asked}.",
        "存储建立时分区数为{stored}，而非{asked}。",
    ),
}
