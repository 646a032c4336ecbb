"""The rehearsal: an exchange on the loopback, and what is played on it; product code knows nothing of this room."""
