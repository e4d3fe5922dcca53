"""Telling others what changed: signed webhooks with retries, and a live stream that can be resumed."""
