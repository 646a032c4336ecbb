"""The only rooms that touch the world, each named for the real thing."""
