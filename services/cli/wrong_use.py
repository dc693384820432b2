"""What a person did wrong at the command line."""


class WrongUse(Exception):
    """Wrong use or input: exit status 2 with an ``error:`` and a ``hint:`` line."""

    def __init__(self, fact: str, way_out: str) -> None:
        super().__init__(fact)
        self.fact = fact
        self.way_out = way_out
