"""Why the gateway refuses a command.

::

    InteropError
    ├── MessageUnknown          no message has this id
    ├── MessageNotParked        only a parked message can be replayed or discarded
    ├── StillRefused            the message cannot be accepted under today's mapping either
    ├── MessageErased           its key is destroyed
    ├── NoticeNotParked         only a parked outbound message can be sent again or discarded
    ├── HospitalUnknown         no mapping file of that name, or none that a bundle fits
    └── ReferralRefused         the bundle cannot be read as a referral
"""

from collections.abc import Sequence


class InteropError(Exception):
    """Base; ``code`` and ``detail`` are fit to be shown, and hold no personal data."""

    code = "refused"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class MessageUnknown(InteropError):
    """No message has this id."""

    code = "message_unknown"


class MessageNotParked(InteropError):
    """Only a parked message can be replayed or discarded."""

    code = "message_not_parked"


class StillRefused(InteropError):
    """The message cannot be accepted under today's mapping either."""

    code = "still_refused"

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))


class MessageErased(InteropError):
    """The message's key is destroyed: nobody can read it any more."""

    code = "message_erased"


class NoticeNotParked(InteropError):
    """Only a parked outbound message can be sent again or discarded."""

    code = "notice_not_parked"


class HospitalUnknown(InteropError):
    """No mapping file of that name, or none that the bundle's identifiers fit."""

    code = "hospital_unknown"


class ReferralRefused(InteropError):
    """The bundle cannot be read as a referral; the detail names resource and element."""

    code = "referral_refused"
