"""Every rule has a number with a source, code that applies it, and a test that proves it; docs/rules.md shows all."""

import re
from collections import Counter

import pytest

from services.platform import rule_places
from services.platform.pack_parameters import PARAMETERS
from services.platform.packs import Packs
from services.platform.rule_places import applied, named_rules, proved, sources, used
from tests.platform import reference_pages

AREAS_OF_DOMAIN_MD = """Weekly hours, Day, Certification, Plan review, What counts, Group size, Claims, Authorization,
Absence policies, Reassessment, Medication, Telehealth, Level-of-care assessment, Instruments"""
"""The rows of the domain page's table of rule packs, and its sections on assessment and instruments."""


@pytest.fixture(scope="module")
def read():
    return sources()


@pytest.fixture(scope="module")
def page():
    return reference_pages.page("rules.md")


@pytest.mark.parametrize("area", [area.strip() for area in AREAS_OF_DOMAIN_MD.replace("\n", " ").split(",")])
def test_every_area_of_the_domain_has_rules_with_value_source_code_and_test(page, area):
    rows = page.partition(f"\n## {area}\n")[2].partition("\n## ")[0].strip().splitlines()[2:]
    assert rows, f"docs/rules.md has no rule under {area}"
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split(" | ")]
        assert len(cells) == 5 and all(cells), f"something is missing in {row}"


def test_every_parameter_is_set_by_a_shipped_pack():
    packs = Packs.load()
    stated = {key for name in packs.names for edition in packs.editions(name) for key in edition.rules}
    assert set(PARAMETERS) - stated == set(), "a parameter that no pack sets has neither value nor source"


def test_code_reads_every_parameter(read):
    unread = set(PARAMETERS) - set(applied(PARAMETERS, read))
    assert not unread, "write the key where the rule is read, or take the parameter out of the packs"


def test_code_applies_every_named_rule(read):
    rules = named_rules(read)
    unused = {rule.name for rule in rules} - set(used(rules, read))
    assert not unused, "use the named rule in a function, or name it in double backticks in the docstring of one"


def test_no_two_rules_share_a_name(read):
    names = Counter([rule.name for rule in named_rules(read)] + list(PARAMETERS))
    assert [name for name, count in names.items() if count > 1] == []


def test_a_marked_test_proves_every_rule_and_every_mark_names_a_rule(read):
    rules, marked = {rule.name for rule in named_rules(read)} | set(PARAMETERS), set(proved())
    assert rules - marked == set(), 'mark the test that proves it: @pytest.mark.rule("KEY")'
    assert marked - rules == set(), "there is no such rule"


def test_links_lead_to_files(page):
    for path in set(re.findall(r"\]\(\.\./([^)]+)\)", page)):
        assert (rule_places.ROOT / path).is_file(), path


def test_places_are_found_by_reading(tmp_path):
    domain, tests = tmp_path / "services/clinic/domain", tmp_path / "tests/clinic"
    domain.mkdir(parents=True)
    tests.mkdir(parents=True)
    (domain / "rules.py").write_text(
        'PRACTICE = "practice"\n'
        'SHORT = NamedRule("short", "Says so.", PRACTICE)\nLONG = NamedRule("long", says="More.", source="a law")\n'
        "NAMED_RULES = (SHORT, LONG)\n\n\n"
        'def broken():\n    return SHORT\n\n\nclass Day:\n    def judge(self):\n        """By the rule ``long``."""\n'
    )
    (domain / "book.py").write_text('KEY = "week.minimum_hours"\n\n\ndef week(packs):\n    return packs.rule(KEY)\n')
    (tests / "test_clinic.py").write_text('@pytest.mark.rule("short")\ndef test_short():\n    assert False\n')
    found = sources(tmp_path)
    rules = named_rules(found)
    assert [(rule.name, rule.says, rule.source) for rule in rules] == [
        ("long", "More.", "a law"),
        ("short", "Says so.", "practice"),
    ]
    assert {name: [place.name for place in places] for name, places in used(rules, found).items()} == {
        "long": ["Day.judge"],
        "short": ["broken"],
    }
    assert [place.name for place in applied(PARAMETERS, found)["week.minimum_hours"]] == ["week"]
    assert [place.name for place in proved(tmp_path)["short"]] == ["test_short"]
