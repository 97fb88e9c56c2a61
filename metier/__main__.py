"""`python -m metier` is the command `metier`."""

from metier.cli.main import run

if __name__ == "__main__":
    run()
