"""What ratings and scores mean by the rule packs in force; where these are silent, as published."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from services.enrollment.domain.criteria import AsamEdition, DimensionRule
from services.enrollment.domain.instruments import INSTRUMENTS, Instrument, Number
from services.platform.packs import Packs, PackSet, Rule

PUBLISHED_SCALES = "published_scales"
"""The shipped pack that speaks where none of the episode's own does."""
PUBLISHED_ASAM = {3: "asam_2_1", 4: "asam_2_1_4th"}
"""Edition of the ASAM criteria → the shipped pack that has it."""
EDITION_NAMES = {3: "asam_3rd", 4: "asam_4th"}
EDITION_UNSAID = 3
"""Where no pack says by which edition to assess."""

SCALES = {
    "phq_9": "instrument.phq_9",
    "gad_7": "instrument.gad_7",
    "bam": "instrument.bam",
    "bam_iop": "instrument.bam_iop",
    "ede_q": "instrument.ede_q",
    "whodas_12": "instrument.whodas_12",
}
"""Instrument → the rule packs' parameter that says what its scores mean."""

EDITION = "assessment.asam_edition"
DIMENSIONS = "assessment.asam_dimensions"
CONSIDERATIONS = "assessment.asam_considerations"


def instrument_by(packs: Packs, own: PackSet, name: str, age_group: str) -> tuple[Instrument, Rule]:
    """An instrument with the bands, caseness and reliable change of the packs, and what says so. Raises
    ``RuleMissing``."""
    rule = own.rule(SCALES[name], age_group) or published(packs, own.on).require(SCALES[name], age_group)
    said, instrument = {one.scale: one for one in rule.value}, INSTRUMENTS[name]
    scales = (
        replace(
            scale,
            bands=tuple((lowest, band) for band, lowest in said[scale.name].bands),
            caseness=said[scale.name].caseness,
            reliable_change=said[scale.name].reliable_change,
        )
        if scale.name in said
        else scale
        for scale in instrument.scales
    )
    return replace(instrument, scales=tuple(scales)), rule


def published(packs: Packs, on: date) -> PackSet:
    """What is published about scales, in force on a day."""
    return packs.in_force((PUBLISHED_SCALES,), on)


def reliable_change(packs: Packs, row: Mapping[str, Any], scored: Mapping[str, Any]) -> Number | None:
    """Points of change on a scale that exceed error, as they held when it was scored. Of scores from before they were
    kept: as published."""
    if "reliable_change" in scored:
        kept: Number | None = scored["reliable_change"]
        return kept
    said = published(packs, row["scored_at"].date()).value(SCALES[row["instrument"]], default=())
    return next((one.reliable_change for one in said if one.scale == scored["scale"]), None)


def asam_by(packs: Packs, own: PackSet, age_group: str) -> tuple[AsamEdition, tuple[str, ...]]:
    """The edition of the ASAM criteria that the packs ask for, with their ratings, and what says so. Packs of another
    edition have no say. Raises ``RuleMissing``."""
    edition = own.rule(EDITION, age_group)
    number = EDITION_UNSAID if edition is None else int(edition.value)
    spoken = PackSet(own.on, tuple(one for one in own if one.get(EDITION, age_group) == number))
    shipped = packs.in_force((PUBLISHED_ASAM[number],), own.on)
    dimensions = spoken.rule(DIMENSIONS, age_group) or shipped.require(DIMENSIONS, age_group)
    beside = spoken.rule(CONSIDERATIONS, age_group) or shipped.rule(CONSIDERATIONS, age_group)
    rules = tuple(
        DimensionRule(one.dimension, one.criterion, one.at_most, one.speaks_for_at) for one in dimensions.value
    )
    considerations = () if beside is None else tuple(sorted(beside.value))
    decided_by = tuple(rule.cited for rule in (edition, dimensions, beside) if rule is not None)
    return AsamEdition(EDITION_NAMES[number], rules, considerations), decided_by
