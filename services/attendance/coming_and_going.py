"""How comings and goings are recorded at the roster, the kiosk and the call, and put right afterwards."""

from collections.abc import Callable

from services.attendance.desk import Answered, Desk
from services.attendance.domain import commands
from services.attendance.domain.errors import CodeNotValid
from services.attendance.domain.kiosk import Kiosk, kiosk_id, whose_code
from services.attendance.domain.record import AttendanceRecord

REFUSED = "code_refused"
"""In the answer of a command whose refusal had to be remembered: why the code was not taken."""


def check_in(desk: Desk, command: commands.CheckIn) -> Answered:
    record = desk.booked(command.booking_id)
    record.check_in(command.checked_in_at or desk.at, desk.at)
    return desk.settle(record, "came_in")


def check_out(desk: Desk, command: commands.CheckOut) -> Answered:
    record = desk.booked(command.booking_id)
    record.check_out(command.checked_out_at or desk.at, desk.at)
    return desk.settle(record, "left")


def kiosk_check_in(desk: Desk, command: commands.KioskCheckIn) -> Answered:
    return _at_kiosk(desk, command, _kiosk_in)


def kiosk_check_out(desk: Desk, command: commands.KioskCheckOut) -> Answered:
    return _at_kiosk(desk, command, _kiosk_out)


def _kiosk_in(desk: Desk, record: AttendanceRecord) -> Answered:
    record.check_in(desk.at, desk.at, way="kiosk")
    return desk.settle(record, "came_in")


def _kiosk_out(desk: Desk, record: AttendanceRecord) -> Answered:
    record.check_out(desk.at, desk.at)
    return desk.settle(record, "left")


def _at_kiosk(
    desk: Desk,
    command: commands.KioskCheckIn | commands.KioskCheckOut,
    then: Callable[[Desk, AttendanceRecord], Answered],
) -> Answered:
    """Lets the code's holder in or out. A wrong code is remembered, so it is answered here and refused by whoever
    asked: see ``REFUSED``."""
    kiosk = desk.unit.find(Kiosk, kiosk_id(command.session_id))
    if kiosk is not None:
        kiosk.check_open(desk.at)
    bookings = desk.office.expected(command.session_id)
    records = [record for id_ in bookings if (record := desk.unit.find(AttendanceRecord, id_)) is not None]
    expected = [record for record in records if record.freed is None]
    try:
        record = whose_code(command.code, expected, desk.office.codes, desk.at)
    except CodeNotValid as refused:
        (kiosk or desk.unit.add(Kiosk.of(command.session_id, desk.at))).refuse(desk.at)
        return {REFUSED: refused.detail}
    return then(desk, record)


def join_telehealth(desk: Desk, command: commands.JoinTelehealth) -> Answered:
    record = desk.booked(command.booking_id)
    record.join_telehealth(command.connection, command.joined_at or desk.at, desk.at)
    return desk.settle(record, "came_in")


def leave_telehealth(desk: Desk, command: commands.LeaveTelehealth) -> Answered:
    record = desk.booked(command.booking_id)
    record.leave_telehealth(command.connection, command.left_at or desk.at, desk.at)
    return desk.settle(record, "left")


def excuse(desk: Desk, command: commands.ExcuseAbsence) -> Answered:
    record = desk.booked(command.booking_id)
    record.excuse(command.reason, desk.at)
    return desk.settle(record, command.reason)


def correct(desk: Desk, command: commands.CorrectAttendance) -> Answered:
    record = desk.booked(command.booking_id)
    record.correct(
        command.reason,
        desk.at,
        checked_in_at=command.checked_in_at,
        checked_out_at=command.checked_out_at,
        status=command.status,
        modality=command.modality,
        stays=command.stays,
    )
    return desk.settle(record, command.reason)
