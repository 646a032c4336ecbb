"""The real freqtrade. `worker` (and later `bot`) are entry points of child processes; nothing else imports freqtrade."""
