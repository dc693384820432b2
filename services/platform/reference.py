"""Reference pages made from code: settings, figures, rule packs, rules. ``python -m services.platform.reference docs``.

A test compares the pages with what this makes, so that none can be forgotten.
"""

import sys
from pathlib import Path

from services.platform import metrics, settings
from services.platform.pack_parameters import PARAMETERS
from services.platform.packs import Packs
from services.platform.rules_page import rules_page

_MADE = "This page is made by `python -m services.platform.reference docs`; do not edit it by hand."


def pages() -> dict[str, str]:
    """File name → content."""
    return {
        "settings.md": _settings(),
        "metrics.md": _metrics(),
        "rule-packs.md": _rule_packs(),
        "rules.md": rules_page(_MADE),
    }


def _settings() -> str:
    return f"""# Settings

{_MADE}

Each setting is an environment variable. A variable that starts with `DAYBOOK_` and is not in this table is refused at
start, since it is most likely a typing error. Secrets may be given as a file, for example
`DAYBOOK_MASTER_KEY_FILE=/run/secrets/master_key`. There are no default passwords: keys that are not given are made
once, in `DAYBOOK_DATA/secrets`, readable by their owner only.

{settings.table()}"""


def _metrics() -> str:
    return f"""# Figures

{_MADE}

`GET /<service>/metrics` gives them in Prometheus' text format to role `operator`. No label holds personal data.

{metrics.table()}"""


def _rule_packs() -> str:
    packs = Packs.load()
    lines = [
        "# Rule packs",
        "",
        _MADE,
        "",
        "A rule pack is a YAML file: `name`, `title`, and `editions`, each with `effective_from`, an optional",
        "`effective_to` (both days included), and `rules`: parameter → `value`, `source`, and `verify: true` where the",
        "program has to verify the value. A value may differ by age: `{adult: …, adolescent: …}`. A track names its",
        "packs; where several speak, the strictest value holds, and each judgement names the editions that judged.",
        "Further packs go into the folder of `DAYBOOK_RULE_PACKS`.",
        "",
        "## Parameters",
        "",
        "| parameter | what | unit | stricter is |",
        "|---|---|---|---|",
        *(f"| `{p.key}` | {p.help} | {p.unit} | {_STRICTER[p.stricter]} |" for p in PARAMETERS.values()),
        "",
        "## Shipped packs",
    ]
    for name in packs.names:
        for edition in packs.editions(name):
            until = f" to {edition.effective_to}" if edition.effective_to else ""
            lines += [
                "",
                f"### {edition.version}",
                "",
                f"{edition.title}. In force from {edition.effective_from}{until}.",
            ]
            lines += ["", "| parameter | value | source |", "|---|---|---|"]
            for key, stated in edition.rules.items():
                verify = " (to be verified by the program)" if stated.verify else ""
                lines.append(f"| `{key}` | {_value(stated.values)} | {stated.source}{verify} |")
    return "\n".join(lines) + "\n"


_STRICTER = {
    "highest": "more",
    "lowest": "less",
    "fewest": "what all packs name",
    "first": "the first of its choices",
    "false": "no",
    "together": "all of them",
    "every": "what any of them names",
    "each": "of each part the stricter",
    "named_first": "what the pack says that is named first",
}


def _value(values: object) -> str:
    assert isinstance(values, dict)
    written = {age: _written(value) for age, value in values.items()}
    if len(set(written.values())) == 1:
        return next(iter(written.values()))
    return "; ".join(f"{age} {value}" for age, value in written.items())


def _written(value: object) -> str:
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    return "; ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def main(folder: Path) -> None:
    """Writes all pages."""
    for name, content in pages().items():
        (folder / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
