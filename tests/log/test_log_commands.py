"""Commands: exactly once per command id, bounded retries, and what a refusal leaves behind."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from eventsourcing.persistence import OperationalError

from events.log.commands import Unit
from events.log.errors import CommandIdReused, Conflict, NotFound, OutcomeUnknown
from events.log.log import DECISIONS
from tests.support.library import Library, Place, PutUp, Shelf, ShelfIsFull


def test_a_command_appends_its_events_and_answers_with_the_last_position(library: Library) -> None:
    shelf = uuid4()
    assert library.put_up(shelf).position == 1
    answer = library.place(shelf, "Dune")
    assert (answer.body, answer.repeated) == ({"place": 1}, False)
    assert [(e.type, e.version) for e in library.log.read(0, 10)] == [
        ("library.shelf.put_up", 1),
        ("library.shelf.book_placed", 2),
    ]
    assert library.log.head() == answer.position


def test_the_same_command_gets_the_first_answer_again(library: Library) -> None:
    shelf, context = uuid4(), library.context()
    library.put_up(shelf)
    first = library.place(shelf, "Dune", context)
    library.place(shelf, "Emma")
    again = library.place(shelf, "Dune", context)
    assert again.repeated
    assert (again.body, again.position) == (first.body, first.position)
    assert len(library.log.read(0, 10)) == 3


def test_a_repeat_gets_the_first_answer_even_where_the_rules_would_refuse_it_now(library: Library) -> None:
    shelf, context = uuid4(), library.context()
    library.put_up(shelf, places=1)
    library.place(shelf, "Dune", context)
    assert library.place(shelf, "Dune", context).repeated


def test_a_known_command_id_with_another_payload_is_refused(library: Library) -> None:
    shelf, context = uuid4(), library.context()
    library.put_up(shelf)
    library.place(shelf, "Dune", context)
    with pytest.raises(CommandIdReused):
        library.place(shelf, "Emma", context)
    assert len(library.log.read(0, 10)) == 2


def test_a_refusal_is_not_remembered(library: Library) -> None:
    shelf, context = uuid4(), library.context()
    with pytest.raises(NotFound):
        library.place(shelf, "Dune", context)
    library.put_up(shelf)
    assert not library.place(shelf, "Dune", context).repeated


def test_a_decision_without_events_remembers_its_answer_too(library: Library) -> None:
    library.put_up(uuid4())
    context = library.context()

    def nothing(unit: Unit) -> dict[str, Any]:
        return {"nothing": True}

    assert library.log.execute(PutUp(context.command_id), context, nothing).position == 1
    assert library.log.execute(PutUp(context.command_id), context, nothing).repeated
    with pytest.raises(CommandIdReused):
        library.log.execute(Place(context.command_id, "other"), context, nothing)


def test_several_aggregates_are_saved_together_or_not_at_all(library: Library) -> None:
    kept, fresh = uuid4(), uuid4()
    library.put_up(kept, places=0)

    def decide(unit: Unit) -> dict[str, Any]:
        unit.add(Shelf.put_up(fresh, unit.context.at))
        unit.get(Shelf, kept).place("Dune", unit.context.at)
        return {}

    with pytest.raises(ShelfIsFull):
        library.log.execute(PutUp(fresh), library.context(), decide)
    assert [e.stream for e in library.log.read(0, 10)] == [kept]


def test_concurrent_commands_on_one_aggregate_all_succeed_by_deciding_anew(library: Library) -> None:
    shelf = uuid4()
    library.put_up(shelf)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda n: library.place(shelf, f"book {n}"), range(12)))
    events = library.log.read(0, 100)
    assert sorted(e.version for e in events) == list(range(1, 14))
    assert len({e.data["title"] for e in events[1:]}) == 12


def test_concurrent_commands_for_the_last_place_let_exactly_one_in(library: Library) -> None:
    shelf = uuid4()
    library.put_up(shelf, places=1)

    def attempt(n: int) -> bool:
        try:
            library.place(shelf, f"book {n}")
        except ShelfIsFull:
            return False
        return True

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(attempt, range(12))) == 1


def test_one_command_sent_many_times_at_once_takes_effect_once(library: Library) -> None:
    shelf, context = uuid4(), library.context()
    library.put_up(shelf)
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: library.place(shelf, "Dune", context), range(6)))
    assert len({a.position for a in answers}) == 1
    assert [a.repeated for a in answers].count(False) <= 1
    assert len(library.log.read(0, 10)) == 2


def test_retries_are_bounded(library: Library) -> None:
    shelf = uuid4()
    library.put_up(shelf)
    attempts = []

    def decide(unit: Unit) -> dict[str, Any]:
        attempts.append(1)
        found = unit.get(Shelf, shelf)
        library.place(shelf, "someone else's")
        found.place("mine", unit.context.at)
        return {}

    with pytest.raises(Conflict):
        library.log.execute(Place(shelf, "mine"), library.context(), decide)
    assert DECISIONS <= len(attempts) <= DECISIONS + 1


def test_where_those_who_came_before_left_nothing_that_is_the_answer_and_not_a_conflict(library: Library) -> None:
    shelf = uuid4()
    library.put_up(shelf, places=DECISIONS)
    before = iter(range(DECISIONS))

    def decide(unit: Unit) -> dict[str, Any]:
        found = unit.get(Shelf, shelf)
        for n in before:
            library.place(shelf, f"someone else's {n}")
            break
        found.place("mine", unit.context.at)
        return {}

    with pytest.raises(ShelfIsFull):
        library.log.execute(Place(shelf, "mine"), library.context(), decide)
    assert len(library.log.read(0, 1000)) == 1 + DECISIONS


def test_a_success_whose_confirmation_was_lost_is_settled_not_reported_as_conflict(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = uuid4()
    library.put_up(shelf)
    append = library.log.recorder.append
    lost = []

    def lose_the_reply(*args: Any) -> list[int]:
        positions = append(*args)
        if not lost:
            lost.append(positions)
            raise OperationalError("the connection broke after the commit")
        return positions

    monkeypatch.setattr(library.log.recorder, "append", lose_the_reply)
    answer = library.place(shelf, "Dune")
    assert [answer.position] == lost[0]
    assert len(library.log.read(0, 10)) == 2


def test_a_database_that_stays_away_leaves_the_outcome_unknown_until_the_command_is_repeated(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf, context = uuid4(), library.context()
    library.put_up(shelf)

    def unreachable(*_: Any) -> Any:
        raise OperationalError("no connection")

    with monkeypatch.context() as patch:
        patch.setattr(library.log.recorder, "append", unreachable)
        with pytest.raises(OutcomeUnknown, match="repeat command"):
            library.place(shelf, "Dune", context)
    assert not library.place(shelf, "Dune", context).repeated


def test_what_travels_with_a_command_is_kept_beside_its_events(library: Library) -> None:
    shelf = uuid4()
    context = library.context(causation_id="cause", known_at={"library": 7}, traceparent="00-trace")
    library.put_up(shelf, context=context)
    (event,) = library.log.read(0, 1)
    assert event.command_id == context.command_id
    assert (event.actor, event.correlation_id, event.causation_id) == ("ada", "correlation", "cause")
    assert (event.known_at, event.traceparent, event.occurred_at) == ({"library": 7}, "00-trace", context.at)
    assert event.key == str(shelf)


def test_many_looked_up_at_once_are_not_asked_for_again(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, missing = uuid4(), uuid4(), uuid4()
    for shelf in (first, second):
        library.put_up(shelf)
        library.place(shelf, f"Dune {shelf}")
    asked: list[object] = []
    select_events = library.log.recorder.select_events
    monkeypatch.setattr(
        library.log.recorder, "select_events", lambda stream, **how: asked.append(stream) or select_events(stream)
    )

    def decide(unit: Unit) -> dict[str, Any]:
        unit.look_up(Shelf, [first, missing, second])
        found = {str(shelf): unit.find(Shelf, shelf) for shelf in (first, missing, second)}
        return {shelf: one.titles if one else None for shelf, one in found.items()}

    answer = library.log.execute(PutUp(missing), library.context(), decide)
    assert answer.body == {str(first): [f"Dune {first}"], str(missing): None, str(second): [f"Dune {second}"]}
    assert not asked


def test_what_was_missing_when_it_was_looked_up_conflicts_with_who_added_it_since(library: Library) -> None:
    shelf, seen = uuid4(), []

    def decide(unit: Unit) -> dict[str, Any]:
        unit.look_up(Shelf, [shelf, uuid4()])
        found = unit.find(Shelf, shelf)
        seen.append(found is None)
        if found is None:
            library.put_up(shelf)  # by somebody else, meanwhile
            unit.add(Shelf.put_up(shelf, unit.context.at))
        return {}

    library.log.execute(PutUp(shelf), library.context(), decide)
    assert seen == [True, False]
    assert [event.version for event in library.log.read(0, 10)] == [1]


def test_what_a_decision_did_not_find_stays_missing_to_it_and_conflicts_with_who_added_it_since(
    library: Library,
) -> None:
    shelf, seen = uuid4(), []

    def decide(unit: Unit) -> dict[str, Any]:
        checked = unit.find(Shelf, shelf)
        if checked is None and not seen:
            library.put_up(shelf)  # by somebody else, between two looks of this decision
        found = unit.find(Shelf, shelf)
        seen.append((checked is None, found is None))
        if found is None:
            unit.add(Shelf.put_up(shelf, unit.context.at))
        return {}

    library.log.execute(PutUp(shelf), library.context(), decide)
    assert seen == [(True, True), (False, False)]
    assert [event.version for event in library.log.read(0, 10)] == [1]


def test_what_a_decision_did_not_find_stays_missing_when_it_is_looked_up_among_others(library: Library) -> None:
    shelf, seen = uuid4(), []

    def decide(unit: Unit) -> dict[str, Any]:
        checked = unit.find(Shelf, shelf)
        if checked is None:
            library.put_up(shelf)  # by somebody else, between two looks of this decision
            unit.look_up(Shelf, [uuid4(), shelf])
        found = unit.find(Shelf, shelf)
        seen.append((checked is None, found is None))
        if checked is None:
            unit.add(Shelf.put_up(shelf, unit.context.at))
        return {}

    library.log.execute(PutUp(shelf), library.context(), decide)
    assert seen == [(True, True), (False, False)]
    assert [event.version for event in library.log.read(0, 10)] == [1]


def test_what_was_presumed_missing_and_is_there_is_looked_for_the_second_time(library: Library) -> None:
    shelf, presumed = uuid4(), []
    library.put_up(shelf)

    def decide(unit: Unit) -> dict[str, Any]:
        if not presumed:
            unit.presume_missing([shelf])
        found = unit.find(Shelf, shelf)
        presumed.append(found is None)
        if found is None:
            unit.add(Shelf.put_up(shelf, unit.context.at))
        return {}

    library.log.execute(PutUp(shelf), library.context(), decide)
    assert presumed == [True, False]
    assert [event.version for event in library.log.read(0, 10)] == [1]
