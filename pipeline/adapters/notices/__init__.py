"""Telling people who are not at the device: what waits, by which channel it goes, and what came of it."""
