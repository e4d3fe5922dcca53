"""Where an account's events live: a fixed function of its id."""

from uuid import UUID


def partition_of(account_id: UUID, partitions: int) -> int:
    """0 to `partitions - 1`; the same for ever, since the number of partitions is fixed when the store is made.

    The last 64 bits of a version 7 UUID are random, so accounts spread evenly.
    """
    return (account_id.int & 0xFFFF_FFFF_FFFF_FFFF) % partitions
