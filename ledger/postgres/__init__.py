"""How the ledger speaks to PostgreSQL where each wait counts: one round trip for many statements, binary arrays."""
