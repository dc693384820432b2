"""What enrollment publishes about places on a track: the census limit, the waitlist, and offers.

Who got a place is told as ``participant_admitted`` or ``participant_transferred``, who left one as
``participant_discharged`` or ``participant_transferred``.
"""

from marshmallow import fields, validate

from events.contract.enrollment import OfEpisode
from events.contract.fields import Event, one_of, required_id, required_instant, required_text
from events.contract.registry import published

OFFER_OUTCOMES = ("accepted", "declined", "expired", "withdrawn")
"""How the offer of a place ends; withdrawn: whom it was made to does not wait any more."""


@published("enrollment.census_limit_changed", key="track_id")
class CensusLimitChanged(Event):
    """From now on the track has so many places; nobody loses one."""

    track_id = required_id("The track")
    census_limit = fields.Integer(required=True, validate=validate.Range(min=1))


class OfWaitlist(OfEpisode):
    track_id = required_id("The track they wait for")


@published("enrollment.waitlist_joined")
class WaitlistJoined(OfWaitlist):
    """A turn on a track's waitlist, to be admitted to it or transferred there."""

    priority = fields.Integer(required=True, metadata={"description": "1 is served first"})
    waiting_since = required_instant("Who of one priority has waited longer is served first")


@published("enrollment.waitlist_left")
class WaitlistLeft(OfWaitlist):
    """The turn was given up. Who is admitted or transferred from the waitlist is told as that alone."""

    reason = required_text("Reason code")


class OfOffer(OfWaitlist):
    offer_id = required_id("The offer")


@published("enrollment.place_offered")
class PlaceOffered(OfOffer):
    """A free place is kept for the next in turn."""

    offered_at = required_instant("Since when")
    expires_at = required_instant("Until when")


@published("enrollment.offer_closed")
class OfferClosed(OfOffer):
    """The place is taken, or goes to the next in turn."""

    outcome = one_of(OFFER_OUTCOMES, "accepted, declined, expired or withdrawn")
    closed_at = required_instant("When")
