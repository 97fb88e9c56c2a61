"""The shipped recipes, one TOML file for each kind of weights."""
