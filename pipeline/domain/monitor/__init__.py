"""What a page about a device shows, as pure data. It needs no numpy: a page that only looks must not cost a bot its memory."""
