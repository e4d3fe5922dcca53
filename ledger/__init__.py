"""The escrow ledger: families' prepaid tuition as immutable events, one stream for each institution account."""
