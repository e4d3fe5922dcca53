"""What an institution sees and does: roll calls, its money and why it is locked, refunds to answer, contracts."""
