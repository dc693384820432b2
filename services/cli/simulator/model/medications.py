"""The medications that the simulated hospital orders, by RxNorm code."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Medication:
    """A medication with its RxNorm code."""

    code: str
    name: str
    dose: str
    unit: str
    frequency: str


SERTRALINE = Medication("312940", "sertraline 25 MG Oral Tablet", "25", "mg", "QD")
ESCITALOPRAM = Medication("349332", "escitalopram 10 MG Oral Tablet", "10", "mg", "QD")
BUPROPION = Medication("993541", "bupropion hydrochloride 150 MG Extended Release Oral Tablet", "150", "mg", "QD")
NALTREXONE = Medication("1483744", "naltrexone hydrochloride 50 MG Oral Tablet", "50", "mg", "QD")
FLUOXETINE = Medication("310385", "fluoxetine 20 MG Oral Capsule", "20", "mg", "QD")
LAMOTRIGINE = Medication("282401", "lamotrigine 25 MG Oral Tablet", "25", "mg", "BID")

TRAZODONE = Medication("10737", "trazodone 50 MG Oral Tablet", "50", "mg", "QHS")
QUETIAPINE = Medication("51272", "quetiapine 100 MG Oral Tablet", "100", "mg", "QHS")
LITHIUM = Medication("6448", "lithium carbonate 300 MG Oral Capsule", "300", "mg", "BID")
CLONAZEPAM = Medication("2598", "clonazepam 1 MG Oral Tablet", "1", "mg", "BID")
"""By the code of their ingredient, as many hospitals send it. Clonazepam is a controlled substance."""

ALL = (
    SERTRALINE, ESCITALOPRAM, BUPROPION, NALTREXONE, FLUOXETINE, LAMOTRIGINE, TRAZODONE, QUETIAPINE, LITHIUM,
    CLONAZEPAM,
)  # fmt: skip

AT_REFERRAL: tuple[tuple[Medication, ...], ...] = (
    (SERTRALINE,),
    (ESCITALOPRAM, LAMOTRIGINE),
    (FLUOXETINE,),
    (BUPROPION, NALTREXONE),
    (FLUOXETINE, TRAZODONE),
    (LITHIUM, QUETIAPINE),
    (SERTRALINE, CLONAZEPAM),
    (),
)
"""What somebody takes when they are referred."""
