"""What is wrong with a value of a rule pack."""


class BadValue(ValueError):
    """The message completes "KEY …": ``is not a number from 0 up``."""
