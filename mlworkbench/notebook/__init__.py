"""What only a notebook needs."""
