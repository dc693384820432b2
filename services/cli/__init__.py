"""The one command people type. `commands/` holds one file per command; `__main__` is their menu."""
