"""What the schemas of enrollment share."""

from marshmallow import validate

CODE = validate.Regexp(r"^[a-z][a-z0-9_.]{0,63}$", error="a code: lower-case letters, digits, underscores, dots")


SHORT = validate.Length(min=1, max=200)


PROSE = validate.Length(min=1, max=10_000)
