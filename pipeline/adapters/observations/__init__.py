"""Observations in SQLite: one file an environment, one writer, any number of readers."""
