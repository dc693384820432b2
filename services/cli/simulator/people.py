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
    """``count`` different people, adults between 19 and 70 years in 2026."""
    pairs = [(sex, given, family) for sex, names in GIVEN_NAMES.items() for given in names for family in FAMILY_NAMES]
    if count > len(pairs):
        raise ValueError(f"at most {len(pairs)} people can be told apart by name, {count} were asked for")
    chosen = random.sample(pairs, count)
    numbers = random.sample(range(1_000_000, 9_999_999), count)
    return [
        Person(
            number=f"RVS{number}",
            given=given,
            family=family,
            sex=sex,
            birth_date=date(1956, 1, 1) + timedelta(days=random.randrange(365 * 50)),
            street=f"{random.randrange(1, 180)} {random.choice(STREETS)}",
            phone=f"555-01{random.randrange(100):02d}-{number % 10_000:04d}",
        )
        for (sex, given, family), number in zip(chosen, numbers, strict=True)
    ]
