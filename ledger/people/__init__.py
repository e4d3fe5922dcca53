"""Personal data apart from the log: sealed with one key a person, revealed with a reason, erased with the key."""
