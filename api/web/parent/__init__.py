"""What a family sees and does: its contracts, lessons, refunds and complaints."""
