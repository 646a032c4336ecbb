"""Bots as plain processes, kept running by supervisord."""
