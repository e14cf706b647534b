"""What compares checkouts is held to finding what differs."""
