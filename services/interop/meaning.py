"""What a message says, recorded as what happened to a participant. Personal data is sealed on its way."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from events.contract.places import NUMBER, PERSON, REASON
from events.log.vault import Vault
from services.interop.domain.facts import Content, HospitalNumber, Medication, Merge, Observation, Referral, Stay
from services.interop.domain.ids import observation_id, referral_id, stay_id
from services.interop.domain.message import Message
from services.interop.domain.statements import Identifier, Problem, Told
from services.interop.examining import FHIR, Examiner
from services.interop.mapping import Hospital


class Meaning:
    """Records facts at one moment."""

    def __init__(self, examiner: Examiner, vault: Vault, at: datetime) -> None:
        self._examiner = examiner
        self._vault = vault
        self._at = at

    def tell(
        self,
        message: Message,
        owner: UUID,
        content: Content,
        hospital: Hospital,
        *,
        stranger: bool = False,
        learned: bool = False,
        released: bool = False,
    ) -> None:
        """Records every fact about ``owner``.

        ``stranger``: nobody was known, so a registration refers them. ``learned``: some of the numbers were new, which
        enrollment has to know. ``released``: the message waited; what it says about the person is out of date."""
        told = Told(owner, content.stated(), self._at)
        described = False
        for fact in content.facts:
            if isinstance(fact, Referral) and (fact.always or stranger):
                self._refer(message, told, content, fact, hospital)
                described = True
            elif isinstance(fact, Stay):
                stay = stay_id(hospital.name, self._vault.lookup("stay", hospital.name, *fact.visit))
                message.changes_stay(told, stay, fact)
            elif isinstance(fact, Medication):
                kind = "fhir_list" if message.form == FHIR else "hospital_order"
                message.states_medication(told, f"{kind}:{hospital.name}", fact)
            elif isinstance(fact, Observation):
                message.states_result(told, observation_id(message.id, fact.number), fact)
            elif not isinstance(fact, Merge) and not released:
                self._describe(message, told, content, whole=True)
                described = True
        if learned and not described:
            self._describe(message, told, content, whole=False)

    def _describe(self, message: Message, told: Told, content: Content, *, whole: bool) -> None:
        owner = told.participant_id
        person = content.describe() if whole else None
        sealed = self._vault.seal(str(owner), dict(person), context=PERSON) if person else None
        message.describes(told, self._sealed(owner, content.all_numbers), sealed)

    def _refer(self, message: Message, told: Told, content: Content, referral: Referral, hospital: Hospital) -> None:
        owner = told.participant_id
        message.refers(
            told,
            referral_id=referral_id(message.id),
            identifiers=self._sealed(owner, content.numbers),
            person=self._vault.seal(str(owner), dict(content.describe()), context=PERSON),
            problems=tuple(Problem(one.code, one.system) for one in referral.problems),
            reason=self._vault.seal(str(owner), referral.reason, context=REASON) if referral.reason else None,
            urgency=referral.urgency,
            from_level_of_care=referral.from_level_of_care,
            source=hospital.name,
        )

    def _sealed(self, owner: UUID, numbers: Iterable[HospitalNumber]) -> tuple[Identifier, ...]:
        return tuple(
            Identifier(
                one.authority, self._examiner.lookup(one), self._vault.seal(str(owner), one.number, context=NUMBER)
            )
            for one in dict.fromkeys(numbers)
        )
