"""Parse, call one flow, render, exit."""
