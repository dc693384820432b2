"""Synthetic people. The names are rare on purpose, so that finding one in a file of the demo means a leak."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

GIVEN_NAMES = {
    "female": (
        "Abelka Brunhylde Corvessa Delphinette Eudora Fenicia Ghislaine Hespera "
        "Isolfa Jorunna Kasimira Leocadia Marquessa Nerezza Ottoline Perpetua"
    ).split(),
    "male": (
        "Aldegar Bartolf Caspian Dorogost Engelram Florizel Gundobad Hadubert "
        "Isembard Jaropluk Kunibert Leofric Malachar Norbezzo Ottokar Peregrin"
    ).split(),
}
FAMILY_NAMES = (
    "Abernoth Brackwater Chauncewick Drumgoole Eaglestruther Featheroak Grimshollow Hazelbrunn "
    "Inchmarlow Jessamyde Kettlebrough Larkenfeld Micklethorn Nightengarde Oddingstone Pennyquick "
    "Quillfeather Ravensworthy Silverbrooke Thistlewick Umberleigh Vantongeren Winterbourn Yellowlees"
).split()
GIVENS = len(GIVEN_NAMES["female"])
SINGLE_NAMES = 2 * GIVENS * len(FAMILY_NAMES)
MOST_PEOPLE = SINGLE_NAMES * (len(FAMILY_NAMES) + 1) * (GIVENS + 1)
"""With double names, both given and family."""

STREETS = ("Quarrystone Lane", "Old Tannery Row", "Millrace Walk", "Copperbeech Drive", "Saltmarsh Terrace")


@dataclass(frozen=True)
class Person:
    """One synthetic person as a hospital knows them."""

    number: str
    given: str
    family: str
    sex: str
    birth_date: date
    street: str
    phone: str

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be found in any file: names, number, birth date in both spellings, phone."""
        return (
            self.given,
            self.family,
            self.number,
            self.birth_date.isoformat(),
            f"{self.birth_date:%Y%m%d}",
            self.phone,
        )


def people(random: Random, count: int) -> list[Person]:
    """``count`` different people, adults between 19 and 70 years in 2026. Raises ``ValueError`` for more than
    ``MOST_PEOPLE``."""
    if count > MOST_PEOPLE:
        raise ValueError(f"at most {MOST_PEOPLE} people can be told apart by name, {count} were asked for")
    numbers = random.sample(range(1_000_000, 9_999_999), count)
    chosen = random.sample(range(_rounded(count)), count)
    return [_person(random, *_name(index), number) for index, number in zip(chosen, numbers, strict=True)]


def _rounded(count: int) -> int:
    """As many names as it takes: single family names first."""
    return SINGLE_NAMES if count <= SINGLE_NAMES else MOST_PEOPLE


def _name(index: int) -> tuple[str, str, str]:
    """Sex, given name and family name of the name with this index; names above ``SINGLE_NAMES`` are double ones."""
    rest, first = divmod(index, SINGLE_NAMES)
    given, family = divmod(first, len(FAMILY_NAMES))
    sex, names = ("female", GIVEN_NAMES["female"]) if given < GIVENS else ("male", GIVEN_NAMES["male"])
    rest, second = divmod(rest, len(FAMILY_NAMES) + 1)
    middle = f"-{names[rest - 1]}" if rest else ""
    double = f"-{FAMILY_NAMES[second - 1]}" if second else ""
    return sex, names[given % GIVENS] + middle, FAMILY_NAMES[family] + double


def _person(random: Random, sex: str, given: str, family: str, number: int) -> Person:
    return Person(
        number=f"RVS{number}",
        given=given,
        family=family,
        sex=sex,
        birth_date=date(1956, 1, 1) + timedelta(days=random.randrange(365 * 50)),
        street=f"{random.randrange(1, 180)} {random.choice(STREETS)}",
        phone=f"555-01{random.randrange(100):02d}-{number % 10_000:04d}",
    )
