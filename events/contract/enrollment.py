"""What enrollment publishes."""

from marshmallow import Schema, fields, validate

from events.contract.fields import (
    COMPONENTS,
    Event,
    Identifier,
    decided_by,
    optional_text,
    required_date,
    required_id,
    required_instant,
    required_text,
    sealed,
)
from events.contract.registry import published

TRANSFERS = ("transfer", "step_up", "step_down")
"""How an episode goes on in another track."""


class OfEpisode(Event):
    participant_id = required_id("The participant")
    episode_id = required_id("The episode of care")


@published("enrollment.track_opened", key="track_id")
class TrackOpened(Event):
    track_id = required_id("The track: a program line such as adult mental health")
    name = required_text("Its name")
    time_zone = required_text("IANA time zone in which its sessions and weeks are reckoned")
    packs = fields.List(fields.String(), required=True, metadata={"description": "Rule packs by name"})
    census_limit = fields.Integer(required=True, validate=validate.Range(min=1))


@published("enrollment.participant_registered")
class ParticipantRegistered(Event):
    participant_id = required_id("The participant")
    identifiers = fields.List(fields.Nested(Identifier), required=True)
    person = sealed("Name, birth date, sex and contacts for hospital messages, sealed under the participant's key")


@published("enrollment.participant_identified")
class ParticipantIdentified(Event):
    """Identifiers or the person's details changed; the lists are whole, not differences. No person: unchanged."""

    participant_id = required_id("The participant")
    identifiers = fields.List(fields.Nested(Identifier), required=True)
    person = sealed("As in participant_registered")


class OfTwo(Event):
    """Told once under each key. Of what is said about a retired participant the highest revision counts."""

    told_to = required_id("The key: the surviving or the retired participant")
    surviving_id = required_id("The participant who stays")
    retired_id = required_id("The participant who is, or was, an alias of the survivor")
    revision = fields.Integer(
        load_default=1, metadata={"description": "Counts what was said about the retired participant, from 1"}
    )


@published("enrollment.participants_merged", key="told_to")
class ParticipantsMerged(OfTwo):
    """Two participants are one person."""


@published("enrollment.participants_unmerged", key="told_to")
class ParticipantsUnmerged(OfTwo):
    """They are two people after all: the alias ends, and facts stay under the ids under which they were recorded."""


@published("enrollment.participant_referred")
class ParticipantReferred(Event):
    participant_id = required_id("The participant")
    referral_id = required_id("The referral")
    urgency = required_text("routine, urgent or emergency")
    from_level_of_care = optional_text("Level of care they come from")


@published("enrollment.participant_waitlisted")
class ParticipantWaitlisted(OfEpisode):
    track_id = required_id("The track they wait for")
    priority = fields.Integer(required=True, metadata={"description": "1 is served first"})


@published("enrollment.participant_admitted")
class ParticipantAdmitted(OfEpisode):
    track_id = required_id("The track admitted to")
    level_of_care = required_text("For example asam_2.1 or mental_health_iop")
    age_group = required_text("adult or adolescent")
    admitted_at = required_instant("When the admission takes effect")
    admitted_on = required_date("The same as a local date of the track")
    time_zone = required_text("IANA time zone of the track")
    packs = fields.List(fields.String(), required=True, metadata={"description": "Rule packs that judge the episode"})
    components = fields.List(
        fields.String(validate=validate.OneOf(COMPONENTS)),
        required=True,
        metadata={"description": "Components in the plan of care"},
    )


@published("enrollment.participant_transferred")
class ParticipantTransferred(OfEpisode):
    """The episode goes on in another track. Told again with the same ``effective_at``, the last word counts."""

    kind = fields.String(
        required=True,
        validate=validate.OneOf(TRANSFERS),
        metadata={"description": "transfer, step_up or step_down"},
    )
    from_track_id = required_id("The track left")
    track_id = required_id("The track joined")
    level_of_care = required_text("For example asam_2.1 or mental_health_iop")
    age_group = required_text("adult or adolescent")
    time_zone = required_text("IANA time zone of the track joined")
    packs = fields.List(fields.String(), required=True, metadata={"description": "Rule packs that judge from then on"})
    components = fields.List(
        fields.String(validate=validate.OneOf(COMPONENTS)),
        required=True,
        metadata={"description": "Components in the plan of care"},
    )
    effective_at = required_instant("From when")


@published("enrollment.episode_suspended")
class EpisodeSuspended(OfEpisode):
    """Told again with the same suspension_id, the beginning was corrected: the last word counts."""

    suspension_id = required_id("This suspension; for a hospitalization the hospitalization's id")
    reason = required_text("hospitalized, or the coordinator's reason code")
    suspended_at = required_instant("From when")


@published("enrollment.episode_resumed")
class EpisodeResumed(OfEpisode):
    """Told again with the same suspension_id, the end was corrected: the last word counts."""

    suspension_id = required_id("The suspension that ends")
    resumed_at = required_instant("From when they take part again")


@published("enrollment.suspension_cancelled")
class SuspensionCancelled(OfEpisode):
    """The suspension never was (ADT A11): whatever it set off is compensated."""

    suspension_id = required_id("The suspension")


@published("enrollment.resumption_cancelled")
class ResumptionCancelled(OfEpisode):
    """The resumption never was (ADT A13): the suspension holds again from its beginning."""

    suspension_id = required_id("The suspension that goes on")


@published("enrollment.participant_discharged")
class ParticipantDischarged(OfEpisode):
    track_id = required_id("The track left")
    discharged_at = required_instant("When the discharge takes effect")
    discharged_on = required_date("The same as a local date of the track")
    reason = required_text("completed, stepped_up, stepped_down, left_against_advice, administrative or transferred")
    to_level_of_care = optional_text("Where they go on")


class OfConsent(Event):
    """42 CFR 2.31, by codes only."""

    participant_id = required_id("Who consents to the disclosure")
    consent_id = required_id("The consent")
    recipient = required_text("To whom: an organization's code")
    scope = fields.List(fields.String(), required=True, metadata={"description": "What kinds of information"})
    purpose = required_text("For what")


@published("enrollment.consent_given")
class ConsentGiven(OfConsent):
    expires_on = fields.Date(
        load_default=None, allow_none=True, metadata={"description": "Its last local day; none: it has no end"}
    )
    given_at = required_instant("From when it holds: when it was signed")


@published("enrollment.consent_revoked")
class ConsentRevoked(OfConsent):
    revoked_at = required_instant("From when it does not hold any more")


@published("enrollment.consent_expired")
class ConsentExpired(OfConsent):
    expires_on = required_date("Its last local day, which is over")


class OfAuthorization(OfEpisode):
    authorization_id = required_id("The payer's authorization")
    units = fields.Integer(required=True, metadata={"description": "Billable days that it pays for"})
    from_date = required_date("Its first local day")
    through_date = required_date("Its last local day")


@published("enrollment.authorization_recorded")
class AuthorizationRecorded(OfAuthorization):
    """Told again with the same authorization_id, it was corrected: the last word counts."""

    status = required_text("pending, active, denied or cancelled")
    units_left = fields.Integer(load_default=None, allow_none=True)
    days_per_week = fields.Integer(
        load_default=None, allow_none=True, metadata={"description": "Days from Monday to Sunday that it pays for"}
    )
    level_of_care = optional_text("The level of care it is for; none: any")


class OfUnits(OfAuthorization):
    units_left = fields.Integer(required=True, metadata={"description": "Units that no billable day has consumed"})


@published("enrollment.authorization_running_low")
class AuthorizationRunningLow(OfUnits):
    """As few units are left as the rule packs warn at."""


@published("enrollment.authorization_exhausted")
class AuthorizationExhausted(OfUnits):
    """Its last unit is consumed."""


class ScaleScored(Schema):
    """One scale of an instrument."""

    class Meta:
        unknown = "exclude"

    scale = required_text("total, or the subscale's name")
    score = fields.Float(required=True, metadata={"description": "Exact, with at most two decimals"})
    band = optional_text("Its band, where the instrument has bands")
    case = fields.Boolean(
        load_default=None, allow_none=True, metadata={"description": "Whether a case's, where a cut-off is stated"}
    )
    reliable_change = fields.Float(
        load_default=None, allow_none=True, metadata={"description": "Points that exceed error, where a source says so"}
    )


@published("enrollment.instrument_scored")
class InstrumentScored(OfEpisode):
    instrument = required_text("For example phq_9")
    occasion = required_text("admission, review or discharge")
    score = fields.Integer(
        required=True,
        metadata={"description": "Whole points of the leading scale: the total, bam and bam_iop use, ede_q global"},
    )
    band = required_text("The leading scale's band")
    safety_trigger = fields.Boolean(required=True, metadata={"description": "PHQ-9: item 9 above 0"})
    scored_at = required_instant("When it was answered")
    scales = fields.List(
        fields.Nested(ScaleScored),
        load_default=None,
        allow_none=True,
        metadata={"description": "Every scale that is known, the leading one first"},
    )
    decided_by = decided_by()
