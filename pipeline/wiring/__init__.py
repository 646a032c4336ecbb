"""Which real thing stands behind each port: one file for each group of verbs, so that a verb imports what it needs."""
