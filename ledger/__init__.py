"""The escrow ledger: what happened to prepaid tuition, as immutable events, and everything computed from them."""
