"""Bots as containers of a Docker engine: one compose project for each environment."""
