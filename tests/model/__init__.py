"""The whole account against a plain oracle: one state machine over all commands."""
