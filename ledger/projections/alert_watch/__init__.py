"""What the alert rules watch, by topic: from an event to the figures of the account, and from these to its alerts."""
