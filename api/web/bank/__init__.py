"""What a custodian bank sees and does: orders to pay, files, its books against ours, its API clients."""
