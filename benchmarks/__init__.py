"""What the ledger costs, measured beside a yardstick in the same run: budgets are ratios, because machines differ."""
