"""One verb a file, each a story that can be read aloud."""
