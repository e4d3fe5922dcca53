"""Cards of a stored value with a value given on top: what use takes out of the money that was paid."""


def used_of_paid_fen(*, paid_fen: int, gift_fen: int, used_fen: int) -> int:
    """The part of the paid money that `used_fen` of value has used: `floor(used * paid / (paid + gift))`.

    Rule refund.gift, the ratio method: of 300000 paid and 100000 given, 359400 used take 269550.
    """
    return min(used_fen, paid_fen + gift_fen) * paid_fen // (paid_fen + gift_fen)
