"""From the domain to text: what a person or a program reads."""
