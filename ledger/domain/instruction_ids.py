"""The end-to-end id of an instruction: what travels with the payment through the banks."""

from hashlib import blake2b


def end_to_end_id(instruction_id: str) -> str:
    """32 hex characters (ISO 20022 `EndToEndId` takes 35), always the same for the same instruction."""
    return blake2b(instruction_id.encode(), digest_size=16).hexdigest()
