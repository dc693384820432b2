"""The page of all rules: value, source, code and test of each. Made from the packs and the sources."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from services.platform.pack_files import Edition, Stated
from services.platform.pack_parameters import PARAMETERS, Parameter
from services.platform.packs import Packs
from services.platform.rule_places import NamedRule, Place, applied, named_rules, proved, sources, used

AREAS = {
    "week": "Weekly hours",
    "day": "Day",
    "certification": "Certification",
    "plan_review": "Plan review",
    "counts": "What counts",
    "group": "Group size",
    "claims": "Claims",
    "authorization": "Authorization",
    "absence": "Absence policies",
    "reassessment": "Reassessment",
    "discharge": "Discharge",
    "medication": "Medication",
    "telehealth": "Telehealth",
    "assessment": "Level-of-care assessment",
    "instrument": "Instruments",
    "waitlist": "Waitlist",
    "escalation": "Escalation",
}
"""First word of a parameter's key → heading. Others have their own word as heading, at the end."""
_WHAT_COUNTS = "counted_components"

_INTRODUCTION = """\
Each number is a parameter of a rule pack, dated and sourced, never a constant in code: [rule-packs.md](rule-packs.md)
says what each takes and which value is the stricter. Where several packs are in force the strictest value holds, and a
judgement names the pack that decided. *To be verified*: common practice that the program has to verify. Code: where
the rule is read or applied. Test: what proves it, marked `@pytest.mark.rule("KEY")`."""


def rules_page(made: str) -> str:
    """The whole page. ``made``: how to make it anew."""
    read, tests, packs = sources(), proved(), Packs.load()
    rules, code = named_rules(read), applied(PARAMETERS, read)
    lines = ["# Rules", "", made, "", _INTRODUCTION]
    for area, parameters in _by_area().items():
        lines += ["", f"## {AREAS.get(area, area.replace('_', ' ').capitalize())}", ""]
        lines += ["| rule | value | source | code | test |", "|---|---|---|---|---|"]
        lines += [_parameter(one, packs, code.get(one.key, ()), tests.get(one.key, ())) for one in parameters]
    lines += ["", "## Rules of the services", "", "What always holds, whatever the packs' numbers."]
    places = used(rules, read)
    for service in sorted({rule.service for rule in rules}):
        lines += ["", f"### {service.replace('_', ' ').capitalize()}", ""]
        lines += ["| rule | source | code | test |", "|---|---|---|---|"]
        of_service = (rule for rule in rules if rule.service == service)
        lines += [_named(rule, places.get(rule.name, ()), tests.get(rule.name, ())) for rule in of_service]
    return "\n".join(lines) + "\n"


def area_of(key: str) -> str:
    """The word under which a parameter is listed."""
    area, _, name = key.partition(".")
    return "counts" if name == _WHAT_COUNTS else area


def _by_area() -> Mapping[str, list[Parameter]]:
    found: defaultdict[str, list[Parameter]] = defaultdict(list)
    for parameter in PARAMETERS.values():
        found[area_of(parameter.key)].append(parameter)
    order = [*AREAS, *sorted(found.keys() - AREAS.keys())]
    return {area: found[area] for area in order if area in found}


def _parameter(parameter: Parameter, packs: Packs, code: Iterable[Place], tests: Iterable[Place]) -> str:
    editions = (edition for name in packs.names for edition in packs.editions(name))
    stated = [(edition, said) for edition in editions if (said := edition.stated(parameter.key)) is not None]
    values = "<br>".join(f"{_value(said, parameter.unit)}: {_in_force(edition)}" for edition, said in stated)
    sources_ = "<br>".join(dict.fromkeys(_source(said) for _, said in stated))
    return _row([f"`{parameter.key}`: {parameter.help}", values, sources_, _links(code), _links(tests)])


def _named(rule: NamedRule, code: Iterable[Place], tests: Iterable[Place]) -> str:
    return _row([f"`{rule.name}`: {rule.says}", rule.source, _links(code), _links(tests)])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _in_force(edition: Edition) -> str:
    until = f" to {edition.effective_to}" if edition.effective_to else ""
    return f"{edition.name} from {edition.effective_from}{until}"


def _source(stated: Stated) -> str:
    return f"{stated.source} (*to be verified*)" if stated.verify else stated.source


def _value(stated: Stated, unit: str) -> str:
    written = {age: _written(value) for age, value in stated.values.items()}
    ages = [f"{age} {value}" for age, value in written.items()] if len(set(written.values())) > 1 else []
    value = ", ".join(ages) or next(iter(written.values()))
    return f"**{value}**" if unit in _NO_UNITS else f"**{value}** {unit}"


_NO_UNITS = ("choice", "list", "flag", "codes", "roles", "policies", "edition", "ratings", "scales")


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    return "; ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _links(places: Iterable[Place]) -> str:
    return "<br>".join(f"[{place.name}](../{place.path})" for place in places)
