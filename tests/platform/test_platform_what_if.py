"""What is asked for is read with an error that names the field, or the file, the key and the reason."""

from datetime import date
from uuid import UUID

import pytest

from services.platform.packs import Packs
from services.platform.problem import Refused
from services.platform.what_if import Difference, Findings, supposed

PACK = "name: ours\ntitle: Ours\neditions:\n  - {effective_from: 2026-01-01, rules: {%s}}\n"
HOURS = PACK % "week.minimum_hours: {value: 12, source: a law}"
SHIPPED = Packs.load()


def test_packs_are_added_to_those_that_are_there_or_take_their_place():
    medicare = HOURS.replace("name: ours", "name: medicare_iop")
    found = supposed(SHIPPED, {"packs": {"ours.yaml": HOURS, "m.yaml": medicare}, "from_date": "2026-01-01"})
    assert found.names == {"ours", "medicare_iop"}
    march = date(2026, 3, 2)
    assert found.packs.in_force(["ours"], march).value("week.minimum_hours") == 12
    assert found.packs.in_force(["medicare_iop"], march).versions == ("medicare_iop@2026-01-01",)
    assert SHIPPED.in_force(["medicare_iop"], march).versions == ("medicare_iop@2024-01-01",)


def test_a_span_holds_days_and_whatever_reaches_into_it():
    found = supposed(SHIPPED, {"packs": {"o.yaml": HOURS}, "from_date": "2026-03-04", "through": "2026-03-10"})
    assert [found.covers(date(2026, 3, day)) for day in (3, 4, 10, 11)] == [False, True, True, False]
    assert found.covers(date(2026, 3, 2), date(2026, 3, 8))


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "packs"),
        ({"packs": {}}, "packs"),
        ({"packs": {"o.yaml": 1}}, "packs"),
        ({"packs": {"o.yaml": HOURS}, "until": "2026-01-01"}, "until"),
        ({"packs": {"o.yaml": HOURS}, "from_date": "March"}, "from_date"),
        ({"packs": {"o.yaml": HOURS}, "from_date": "2026-03-02", "through": "2026-03-01"}, "through"),
        ({"packs": {"o.yaml": PACK % "week.hours: {value: 1, source: x}"}}, "o.yaml: editions[0].rules.week.hours"),
        ({"packs": {"o.yaml": HOURS, "p.yaml": HOURS}}, "p.yaml: name: the pack ours exists already"),
    ],
)
def test_what_is_wrong_is_named(body, told):
    with pytest.raises(Refused) as refused:
        supposed(SHIPPED, body)
    assert told in refused.value.detail
    assert refused.value.status in (400, 422)


def test_packs_that_judge_nobody_are_told_and_differences_come_in_order():
    asking = supposed(SHIPPED, {"packs": {"o.yaml": HOURS}})
    found = Findings(judged_by={"medicare_iop"})
    for day in (9, 2):
        found.look("weeks", Difference(UUID(int=1), UUID(int=2), date(2026, 3, day), None, None, {}))
    found.look("weeks", None)
    told = found.document(asking)
    assert (told["unused"], told["looked_at"]) == (["ours"], {"weeks": 3})
    assert [one["on"] for one in told["differences"]["weeks"]] == [date(2026, 3, 2), date(2026, 3, 9)]
