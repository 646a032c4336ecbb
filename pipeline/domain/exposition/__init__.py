"""A device as numbers for another program's monitoring: which there are, and what each says now."""
