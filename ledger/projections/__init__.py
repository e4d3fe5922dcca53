"""Read models that follow the event log: each can be dropped, rebuilt from it, and compared with it."""
