"""What a regulator sees and does: districts, institutions, whole histories, alerts, cases, closings."""
