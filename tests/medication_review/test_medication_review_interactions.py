"""Medications that interact are flagged while both are taken, told once, then cleared; a prescriber acknowledges."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from uuid import UUID

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from medication_review_told import NOW, admitted, discharged, merged, named, reported
from medication_review_world import ADMITTED, EPISODE, PARTICIPANT, hours, medication

from services.medication_review.domain import commands as c
from services.medication_review.domain.errors import InteractionNotFlagged, PrescriberOnly
from services.medication_review.domain.interaction_watch import InteractionWatch
from services.medication_review.domain.interactions import Flag, flags
from services.medication_review.domain.medications import Decision
from services.medication_review.domain.same_medication import same_medications
from services.medication_review.table_files import SHIPPED, TableError, read_interactions, shipped
from services.medication_review.wiring import define
from services.platform.web import routes
from tests.support.whole_service import Told, WholeService, opened

TODAY = date(2026, 2, 2)
SERTRALINE, PHENELZINE, LORAZEPAM = "36437", "8123", "6470"
MAOI_SSRI = ("maoi_ssri", (SERTRALINE, PHENELZINE))
ADA = named("ada's episode")


def flagged(*names: str, on: date = TODAY) -> list[str]:
    listed = [medication(order=name, name=name, code=None) for name in names]
    return [
        flag.interaction for flag in flags(same_medications(listed, shipped().formulary), shipped().interactions, on)
    ]


@pytest.mark.parametrize(
    ("pair", "keys"),
    [
        (("oxycodone", "Xanax"), ["opioid_benzodiazepine"]),
        (("Suboxone", "lorazepam"), ["moud_benzodiazepine"]),
        (("Nardil", "Zoloft"), ["maoi_ssri"]),
        (("linezolid", "escitalopram"), ["maoi_antibiotic_antidepressant"]),
        (("methadone", "citalopram"), ["qt_pair"]),
        (("ziprasidone", "methadone"), ["qt_forbidden"]),
        (("lithium carbonate", "Advil"), ["lithium_nsaid"]),
        (("tramadol", "sertraline"), ["serotonin_opioid_antidepressant"]),
        (("Vivitrol", "hydrocodone"), ["opioid_antagonist"]),
        (("warfarin", "naproxen"), ["anticoagulant_nsaid"]),
        (("Percocet", "acetaminophen"), []),
        (("Suboxone", "naloxone"), []),
        (("sertraline", "Moonwort"), []),
    ],
    ids=str,
)
@pytest.mark.rule("interactions_are_flagged")
def test_interactions_are_flagged(pair, keys):
    """FDA labels and drug safety communications, CredibleMeds: each line of the table names its own."""
    assert flagged(*pair) == keys == flagged(*reversed(pair))


def test_a_line_counts_from_the_day_it_holds():
    """FDA boxed warning, 2016-08-31."""
    assert flagged("oxycodone", "Xanax", on=date(2016, 8, 30)) == []
    assert flagged("oxycodone", "Xanax", on=date(2016, 8, 31)) == ["opioid_benzodiazepine"]


def test_what_no_source_has_as_active_does_not_interact():
    listed = [medication(order="1", name="Nardil", code=None, status="stopped"), medication(order="2", name="Zoloft")]
    assert flags(same_medications(listed, shipped().formulary), shipped().interactions, TODAY) == ()


def test_what_the_program_stopped_last_does_not_interact():
    stopped = medication("program", "x", name="Nardil", code=None, status="stopped", reported=1)
    zoloft = medication(order="2", name="Zoloft", code=None)
    listed = [medication(order="1", name="Nardil", code=None), zoloft, stopped]
    assert flags(same_medications(listed, shipped().formulary), shipped().interactions, TODAY) == ()


# given flags that were told, when the list changes, then what is told


def flag(n: float = 0) -> Flag:
    interaction, codes = MAOI_SSRI
    return Flag(interaction, codes, "contraindicated", hours(n))


@pytest.fixture
def a_flagged_watch() -> InteractionWatch:
    watch = InteractionWatch.begin(PARTICIPANT, EPISODE, ADMITTED)
    watch.weigh([flag()], ADMITTED)
    return watch


def told_by(watch: InteractionWatch) -> list[str]:
    return [type(event).__name__ for event in watch.collect_events()]


def test_a_flag_is_told_once_and_cleared_once(a_flagged_watch):
    assert told_by(a_flagged_watch) == ["Created", "InteractionFlagged"]
    a_flagged_watch.weigh([flag(5)], ADMITTED)
    assert told_by(a_flagged_watch) == []
    a_flagged_watch.weigh([], ADMITTED)
    a_flagged_watch.weigh([], ADMITTED)
    assert told_by(a_flagged_watch) == ["InteractionCleared"]


def test_only_a_prescriber_acknowledges(a_flagged_watch):
    interaction, codes = MAOI_SSRI
    with pytest.raises(PrescriberOnly):
        a_flagged_watch.acknowledge(interaction, codes, "monitored", hours(1), roles=frozenset({"therapist"}))
    a_flagged_watch.acknowledge(interaction, codes[::-1], "monitored", hours(1), roles=frozenset({"prescriber"}))
    assert a_flagged_watch.open_flags([flag()]) == ()


def test_what_changed_after_it_was_acknowledged_is_open_again(a_flagged_watch):
    interaction, codes = MAOI_SSRI
    a_flagged_watch.acknowledge(interaction, codes, "monitored", hours(1), roles=frozenset({"prescriber"}))
    assert a_flagged_watch.open_flags([flag(2)]) == (flag(2),)


def test_what_is_not_flagged_is_not_acknowledged(a_flagged_watch):
    with pytest.raises(InteractionNotFlagged):
        a_flagged_watch.acknowledge("qt_pair", ("1", "2"), "monitored", hours(1), roles=frozenset({"prescriber"}))


# what was stopped and still acts

BEGINS = date(2026, 3, 1)


def switched(stopped: str, started: str, *, after: int, on: int | None = None) -> tuple[Flag, ...]:
    """One was stopped on the first of March, the other started so many days later; as of that day, or another one."""
    noon = datetime.combine(BEGINS, time(12), UTC)
    listed = [
        replace(medication(order="1", name=stopped, code=None, status="stopped"), reported_at=noon),
        replace(medication(order="2", name=started, code=None), reported_at=noon + timedelta(days=after)),
    ]
    day = BEGINS + timedelta(days=after if on is None else on)
    return flags(same_medications(listed, shipped().formulary), shipped().interactions, day)


@pytest.mark.parametrize(
    ("stopped", "started", "key", "days"),
    [
        ("Nardil", "Zoloft", "maoi_ssri", 14),
        ("Nardil", "Prozac", "maoi_ssri", 14),
        ("Zoloft", "Nardil", "maoi_ssri", 14),
        ("Prozac", "Nardil", "maoi_ssri", 35),
        ("venlafaxine", "Parnate", "maoi_snri", 7),
        ("vortioxetine", "Parnate", "maoi_antidepressant", 21),
        ("Prozac", "linezolid", "maoi_antibiotic_antidepressant", 35),
        ("oxycodone", "Vivitrol", "opioid_antagonist", 10),
        ("methadone", "Vivitrol", "opioid_antagonist", 14),
    ],
    ids=str,
)
@pytest.mark.rule("washout_is_flagged")
def test_washout_is_flagged(stopped, started, key, days):
    """FDA labels: 14 days after an MAOI, 5 weeks after fluoxetine; of naltrexone: 7 to 10 days without opioids."""
    assert [flag.interaction for flag in switched(stopped, started, after=days - 1)] == [key]
    assert switched(stopped, started, after=days) == ()


def test_a_flag_for_what_was_stopped_ends_when_that_acts_no_more():
    (flag,) = switched("Nardil", "Zoloft", after=3)
    assert (flag.codes, flag.until) == ((SERTRALINE, PHENELZINE), BEGINS + timedelta(days=14))
    assert switched("Nardil", "Zoloft", after=3, on=14) == ()


def test_what_was_taken_before_the_other_was_stopped_is_no_start():
    assert switched("Nardil", "Zoloft", after=-1, on=1) == ()


def test_another_source_that_confirms_the_stop_after_the_start_does_not_clear_the_flag():
    noon = datetime.combine(BEGINS, time(12), UTC)
    said = (("1", "Nardil", "stopped", "hospital_order:R", 0), ("2", "Zoloft", "active", "hospital_order:R", 2))
    confirmed = ("1", "Nardil", "stopped", "self_report", 4)
    listed = [
        replace(
            medication(order=order, name=name, code=None, status=status),
            source=source,
            reported_at=noon + timedelta(days=day),
        )
        for order, name, status, source, day in (*said, confirmed)
    ]
    (flag,) = flags(same_medications(listed, shipped().formulary), shipped().interactions, BEGINS + timedelta(days=5))
    assert (flag.interaction, flag.until) == ("maoi_ssri", BEGINS + timedelta(days=18))


def test_what_no_source_says_of_a_stopped_medication_is_not_known():
    assert switched("lithium carbonate", "Advil", after=1) == ()


# the table


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"severity": "grave"}, "lithium_nsaid.severity: "),
        ({"one": ["moonwort"]}, "lithium_nsaid.one: moonwort is neither"),
        ({"other": []}, "lithium_nsaid.other: "),
        ({"source": None}, "lithium_nsaid.source: "),
        ({"from": "always"}, "lithium_nsaid.from: is no date"),
        ({"to": date(2000, 1, 1)}, "lithium_nsaid.to: is before from"),
        ({"colour": "blue"}, "lithium_nsaid.colour: Unknown field"),
        ({"washout": {"days": {"lithium": 14}}}, "lithium_nsaid.washout.source: "),
        ({"washout": {"days": {"lithium": 0}, "source": "label"}}, "lithium_nsaid.washout.days.lithium: "),
        ({"washout": {"days": {"maoi": 14}, "source": "label"}}, "lithium_nsaid.washout.days: maoi is on neither side"),
    ],
    ids=str,
)
def test_a_table_of_interactions_that_is_wrong_is_refused_with_file_key_and_reason(tmp_path, change, told):
    content = yaml.safe_load((SHIPPED / "interactions.yaml").read_text())
    content["interactions"] = {"lithium_nsaid": content["interactions"]["lithium_nsaid"] | change}
    path = tmp_path / "interactions.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    with pytest.raises(TableError) as refused:
        read_interactions(path, shipped().formulary)
    assert str(refused.value).startswith(f"{path}: interactions.{told}")


def test_every_shipped_line_names_its_source_and_the_table_is_to_be_verified():
    table = shipped().interactions
    assert table.verify and all(line.source and line.says for line in table.interactions)


# on a real log


@pytest.fixture
def service() -> Iterator[WholeService]:
    with opened(define, NOW) as running:
        yield running


def told(service: WholeService, type_: str) -> list[dict]:
    service.settle()
    return [event["data"] for event in service.feed() if event["type"] == f"medication_review.{type_}.v1"]


def of_ada(service: WholeService) -> list[dict]:
    service.settle()
    return service.ask("medications", participant_id=named("ada"))["interactions"]


def takes(whose: str, order: str, n: float, name: str, **changes: object) -> Told:
    return reported(whose, order, n, name=name, **{"code": None, "system": None, **changes})


def due(service: WholeService) -> list[tuple[str, bool, str]]:
    service.settle()
    found = service.ask("due", kind="review")["due"]
    return [(row["cause"], row["urgent"], row["due_at"]) for row in found]


@pytest.mark.rule("medication.interaction_hours")
@pytest.mark.rule("contraindicated_is_urgent")
def test_a_contraindicated_pair_asks_for_an_urgent_review_until_a_prescriber_acknowledges_it(service):
    """Program practice, to be verified by the program."""
    service.told(
        admitted("ada"), takes("ada", "1", -3, "Nardil"), takes("ada", "2", -3, "Zoloft", source="fhir_list:a")
    )
    assert told(service, "interaction_flagged") == [
        {
            "participant_id": str(named("ada")),
            "episode_id": str(ADA),
            "interaction": "maoi_ssri",
            "severity": "contraindicated",
            "ingredients": [SERTRALINE, PHENELZINE],
        }
    ]
    assert due(service) == [("interaction", True, "2026-02-03T14:00:00Z")]
    known = c.AcknowledgeInteraction(ADA, "maoi_ssri", (PHENELZINE, SERTRALINE), "short_overlap")
    with pytest.raises(PrescriberOnly):
        service.do(known, "coordinator")
    service.do(known, "prescriber")
    assert due(service) == []
    (row,) = of_ada(service)
    assert (row["acknowledged"]["reason"], row["acknowledged"]["acknowledged_by"]) == ("short_overlap", "someone")
    service.told(takes("ada", "1", 2, "Nardil", dose="30 mg"))
    assert due(service)[0][0] == "interaction" and of_ada(service)[0]["acknowledged"] is None


def test_a_completed_review_answers_the_pair_which_stays_flagged(service):
    service.told(admitted("ada"), takes("ada", "1", -3, "Nardil"), takes("ada", "2", -3, "Zoloft"))
    (review,) = service.ask("due", kind="review")["due"]
    service.do(c.CompleteReview(ADA, UUID(review["review_id"]), (), "known to the clinic"), "prescriber")
    assert due(service) == []
    assert [row["interaction"] for row in of_ada(service)] == ["maoi_ssri"]


def test_a_prescriber_who_stops_one_of_two_clears_the_flag(service):
    service.told(admitted("ada"), takes("ada", "1", -3, "Nardil"), takes("ada", "2", -3, "Zoloft"))
    (review,) = service.ask("due", kind="review")["due"]
    stop = Decision("stop", "hospital_order:general", "1")
    service.do(c.CompleteReview(ADA, UUID(review["review_id"]), (stop,), "switched"), "prescriber")
    assert of_ada(service) == []
    assert [data["interaction"] for data in told(service, "interaction_cleared")] == ["maoi_ssri"]


def test_a_start_within_the_washout_is_told_and_cleared_when_it_is_over(service):
    service.told(admitted("ada"), takes("ada", "1", -3, "Nardil"), takes("ada", "1", 0, "Nardil", status="stopped"))
    service.told(takes("ada", "2", 24, "Zoloft"))
    (row,) = of_ada(service)
    assert (row["interaction"], row["acts_until"], due(service)[0][:2]) == (
        "maoi_ssri",
        "2026-02-16",
        ("interaction", True),
    )
    service.pass_time(NOW + timedelta(days=15), timedelta(days=1))
    assert of_ada(service) == []
    assert "interaction" not in [cause for cause, *_ in due(service)]
    assert [data["interaction"] for data in told(service, "interaction_cleared")] == ["maoi_ssri"]


def test_what_the_participant_says_is_weighed_too(service):
    service.told(admitted("ada"), takes("ada", "1", -3, "methadone"))
    service.do(c.ListMedication(named("ada"), "self_report", "Xanax"), "therapist")
    (row,) = of_ada(service)
    assert (row["interaction"], row["severity"], row["says"], row["acknowledged"]) == (
        "moud_benzodiazepine",
        "serious",
        "respiratory depression; treatment is not withheld for it, the risk is managed",
        None,
    )
    assert due(service) == []


def test_a_merged_participants_medications_interact_and_an_unmerge_clears_that(service):
    service.told(admitted("ada"), takes("ada", "1", -3, "Nardil"), takes("twin", "2", -3, "Zoloft"))
    assert of_ada(service) == []
    service.told(merged("ada", "twin", "ada"), merged("ada", "twin", "twin"))
    assert [row["interaction"] for row in of_ada(service)] == ["maoi_ssri"]
    service.told(merged("ada", "twin", "ada", 2), merged("ada", "twin", "twin", 2))
    assert of_ada(service) == []


def test_a_discharge_clears_all_flags(service):
    service.told(admitted("ada"), takes("ada", "1", -3, "Nardil"), takes("ada", "2", -3, "Zoloft"))
    service.told(discharged("ada", 10))
    assert of_ada(service) == [] and len(told(service, "interaction_cleared")) == 1


def test_acknowledgements_are_refused_to_others_at_the_entrypoint_too():
    (route,) = [route for route in routes(define().shell) if route.name == "acknowledge_interaction"]
    assert route.roles == {"prescriber"}


REPORTS = [
    takes("ada", "1", -4, "Nardil 15 MG"),
    takes("ada", "1", 30, "Nardil", status="stopped"),
    takes("ada", "1", 50, "Nardil", dose="30 mg"),
    takes("ada", "2", -3, "Zoloft"),
    takes("ada", "2", 10, "sertraline", dose="100 mg"),
    takes("ada", "x", 5, "Sertraline 50 MG Oral Tablet", source="fhir_list:clinic", code="312941", system="rxnorm"),
    takes("ada", "y", 5, "lorazepam", source="fhir_list:clinic"),
    takes("twin", "3", 20, "oxycodone"),
    takes("twin", "3", 60, "oxycodone", status="stopped"),
    merged("ada", "twin", "ada"),
    merged("ada", "twin", "twin"),
    admitted("ada"),
]


def ends_in(story: list[Told]) -> dict[str, list]:
    with opened(define, NOW) as running:
        running.told(*story)
        running.pass_time(hours(72), timedelta(days=1))
        answer = running.ask("medications", participant_id=named("ada"))
        return running.rows() | {"answer": [answer | {"position": None}]}


@settings(
    max_examples=8,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
@given(seed=st.integers(0, 1_000_000), again=st.lists(st.sampled_from(REPORTS), max_size=4))
def test_any_order_and_any_duplication_ends_in_the_same_list_discrepancies_and_flags(seed, again):
    story = [*REPORTS, *again]
    Random(seed).shuffle(story)
    assert ends_in(story) == ends_in(REPORTS)
