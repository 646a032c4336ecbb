"""From YAML to the domain, with the line and column of every problem. The only room that knows yaml."""
