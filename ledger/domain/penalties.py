"""What a penalty is reckoned on: fees taken outside supervision, less what families got back."""


def penalty_basis_fen(*, received_fen: int, refunded_fen: int) -> int:
    """Unlawful receipts: received less refunded, never less than nothing."""
    return max(0, received_fen - refunded_fen)


def penalty_fen(basis_fen: int, *, times: int) -> int:
    """A penalty of so many times its basis."""
    return basis_fen * times
