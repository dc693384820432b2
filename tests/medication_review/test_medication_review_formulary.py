"""What a source wrote is turned into ingredients, or marked as not recognised; the tables are validated at load."""

import pytest
import yaml

from services.medication_review.table_files import SHIPPED, TableError, read_formulary, shipped

FORMULARY = shipped().formulary


@pytest.mark.parametrize(
    ("written", "ingredients"),
    [
        (("Zoloft 50 MG tab",), ["sertraline"]),
        (("sertraline hydrochloride",), ["sertraline"]),
        (("SERTRALINE HCL 50MG TAB.",), ["sertraline"]),
        (("Sertraline 25 MG Oral Tablet [Zoloft]", "312940", "rxnorm"), ["sertraline"]),
        (("as the hospital calls it", "36437", "RXNORM"), ["sertraline"]),
        (("as the hospital calls it", "312940", "http://www.nlm.nih.gov/research/umls/rxnorm"), ["sertraline"]),
        (("lithium carbonate ER 300mg",), ["lithium"]),
        (("buprenorphine 8 MG / naloxone 2 MG Sublingual Film",), ["buprenorphine", "naloxone"]),
        (("buprenorphine-naloxone",), ["buprenorphine", "naloxone"]),
        (("Suboxone 8-2 mg",), ["buprenorphine", "naloxone"]),
        (("MS Contin 15 mg",), ["morphine"]),
    ],
    ids=str,
)
def test_a_name_or_a_code_means_an_ingredient(written, ingredients):
    understood = FORMULARY.understand(*written)
    assert understood.recognition == "recognised"
    assert [one.name for one in understood.ingredients] == ingredients


@pytest.mark.rule("nothing_is_guessed")
@pytest.mark.parametrize(
    "written",
    [
        ("Moonwort",),
        ("sertraline for sleep",),
        ("potassium chloride",),
        ("Tablet 5 mg",),
        ("sertralin",),
        ("",),
        ("Moonwort", "36437", "local"),
        ("Moonwort", "99999999", "rxnorm"),
    ],
    ids=str,
)
def test_nothing_is_guessed(written):
    """RxNorm: a code or a whole name means an ingredient; what is left over is not understood."""
    understood = FORMULARY.understand(*written)
    assert (understood.recognition, understood.ingredients) == ("not_recognised", ())


def test_a_code_that_contradicts_the_name_is_not_recognised():
    understood = FORMULARY.understand("Lithium", "36437", "rxnorm")
    assert (understood.recognition, understood.ingredients) == ("contradictory", ())


def test_the_shipped_table_has_a_date_a_source_and_says_that_it_is_to_be_verified():
    assert FORMULARY.edition.year == 2026 and "RxNorm" in FORMULARY.source and FORMULARY.verify


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"edition": "some day"}, "edition: is no date"),
        ({"source": ""}, "source: "),
        ({"colour": "blue"}, "colour: Unknown field"),
        ({"ingredients": {"lithium": {"code": "six"}}}, "ingredients.lithium.code: is no RxNorm code"),
        ({"ingredients": {"lithium": {"code": "6448", "classes": ["metal"]}}}, "ingredients.lithium.classes: metal"),
        (
            {"ingredients": {"lithium": {"code": "1"}, "naloxone": {"code": "1"}}},
            "ingredients.naloxone: 1 stands twice",
        ),
        (
            {"ingredients": {"lithium": {"code": "1"}, "naloxone": {"code": "2", "names": ["Lithium"]}}},
            "ingredients.naloxone: lithium stands twice",
        ),
        ({"combinations": {"both": ["lithium", "moonwort"]}}, "combinations.both: moonwort"),
        ({"routes": {"oral": ["po"], "nasal": ["po"]}}, "routes.nasal: po stands twice"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_table_that_is_wrong_is_refused_with_file_key_and_reason(tmp_path, change, told):
    content = yaml.safe_load((SHIPPED / "medications.yaml").read_text()) | {"combinations": {}} | change
    path = tmp_path / "medications.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    with pytest.raises(TableError) as refused:
        read_formulary(path)
    assert str(refused.value).startswith(f"{path}: {told}")


def test_a_key_that_stands_twice_is_refused(tmp_path):
    path = tmp_path / "medications.yaml"
    path.write_text("edition: 2026-11-01\nedition: 2026-11-02\n")
    with pytest.raises(TableError, match="stands twice"):
        read_formulary(path)
