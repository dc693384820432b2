"""The menu of medication review: every command and query, who may use it, and where it is found."""

from collections.abc import Mapping
from typing import Any

from events.log.commands import Answer, Context
from services.medication_review import schemas
from services.medication_review.application import Application
from services.platform.web import READERS, Query, Role, command, query

LISTS = {Role.COORDINATOR, Role.THERAPIST, Role.PRESCRIBER}
REPORTS = {Role.COORDINATOR, Role.THERAPIST, Role.PRESCRIBER}
CHECKS = {Role.COORDINATOR, Role.THERAPIST, Role.PRESCRIBER}
"""Who may try; the episode's packs say whom prescribers may delegate it to."""
OBSERVES = {Role.COORDINATOR, Role.THERAPIST, Role.PRESCRIBER}
"""Who may try; the episode's packs say who is qualified."""
RECONCILES = {Role.COORDINATOR, Role.THERAPIST, Role.PRESCRIBER}
"""Who may try; the episode's packs say who is qualified."""
EPISODE = "/medication_review/episodes/<uuid:episode_id>"
PARTICIPANT = "/medication_review/participants/<uuid:participant_id>"


class MedicationReviewService:
    name = "medication_review"
    application: Application

    @command("POST", PARTICIPANT + "/medications", schemas.ListMedication, roles=LISTS)
    def list_medication(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command(
        "POST",
        EPISODE + "/reconciliations/<uuid:review_id>/completion",
        schemas.CompleteReconciliation,
        roles=RECONCILES,
    )
    def complete_reconciliation(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", EPISODE + "/reviews/<uuid:review_id>/completion", schemas.CompleteReview, roles={Role.PRESCRIBER})
    def complete_review(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command(
        "POST",
        EPISODE + "/interactions/<interaction>/acknowledgement",
        schemas.AcknowledgeInteraction,
        roles={Role.PRESCRIBER},
    )
    def acknowledge_interaction(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", EPISODE + "/adverse_effects", schemas.ReportAdverseEffect, roles=REPORTS)
    def report_adverse_effect(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command(
        "POST",
        EPISODE + "/adverse_effects/<uuid:effect_id>/withdrawal",
        schemas.WithdrawAdverseEffect,
        roles=REPORTS,
    )
    def withdraw_adverse_effect(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", EPISODE + "/pdmp_checks", schemas.RecordPdmpCheck, roles=CHECKS)
    def record_pdmp_check(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", EPISODE + "/dose_orders", schemas.OrderDoses, roles={Role.PRESCRIBER})
    def order_doses(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", EPISODE + "/dose_orders/<uuid:order_id>/end", schemas.EndDoseOrder, roles={Role.PRESCRIBER})
    def end_dose_order(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @command("POST", EPISODE + "/doses", schemas.RecordDose, roles=OBSERVES)
    def record_dose(self, command: object, context: Context) -> Answer:
        return self.application.handle(command, context)

    @query(PARTICIPANT + "/medications", schemas.OfParticipant, roles=READERS)
    def medications(self, request: Query) -> Mapping[str, Any]:
        return self.application.medications(request)

    @query(PARTICIPANT + "/medications/history", schemas.MedicationHistory, roles=READERS)
    def medication_history(self, request: Query) -> Mapping[str, Any]:
        return self.application.medication_history(request)

    @query(PARTICIPANT + "/reviews", schemas.OfParticipant, roles=READERS)
    def reviews(self, request: Query) -> Mapping[str, Any]:
        return self.application.reviews(request)

    @query(PARTICIPANT + "/adverse_effects", schemas.OfParticipant, roles=READERS)
    def adverse_effects(self, request: Query) -> Mapping[str, Any]:
        return self.application.adverse_effects(request)

    @query(PARTICIPANT + "/pdmp_checks", schemas.OfParticipant, roles=READERS)
    def pdmp_checks(self, request: Query) -> Mapping[str, Any]:
        return self.application.pdmp_checks(request)

    @query(PARTICIPANT + "/doses", schemas.OfParticipant, roles=READERS)
    def doses(self, request: Query) -> Mapping[str, Any]:
        return self.application.doses(request)

    @query("/medication_review/due", schemas.DueList, roles=READERS)
    def due(self, request: Query) -> Mapping[str, Any]:
        return self.application.due(request)
