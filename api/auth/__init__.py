"""Who is calling and what they may do: client authentication, access tokens, permissions and row scopes."""
