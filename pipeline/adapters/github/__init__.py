"""GitHub's REST API: one file for each of its things that the train needs."""
