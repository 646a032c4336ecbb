"""The repository on GitHub as it must be: what is wished, what is there, what differs, and the calls that mend it."""
