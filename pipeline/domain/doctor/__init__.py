"""What disagrees on a device: from facts that others have gathered to sentences, each with what it means and the one command that mends it."""
