"""Webhooks to a real receiver, and the live stream from a real server."""
