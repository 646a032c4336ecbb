"""The observations on a real disk."""
