"""The command `metier`, one module a verb."""
