"""What the simulated program is like. Each figure has a source, or is plausible and was not measured.

Programs differ more from one another than these figures do from any of them: they give the services the work that a
program gives them, and prove nothing about care.
"""

# how many come

PLACES_PER_DEMAND = 0.88
"""Places for each participant that would be in treatment if nobody had to wait: seats are scarce, and the waitlist
matters. Plausible, not measured."""

LEAST_PLACES_PER_TRACK = 5
"""A program opens another track when it has so many places for it. Plausible, not measured."""

GROUP_SEATS = 12
"""L33632 (billing code 90853): at most 12 in a group. A track with more places has several groups."""

ASSESSED_AFTER_DAYS = 1
"""From referral to assessment; weekends come on top. Plausible, not measured."""

URGENT_REFERRALS = 0.15
"""Plausible, not measured."""

WAYS_OF_REFERRAL = {"bundle": 0.8, "registration": 0.1, "walk_in": 0.1}
"""FHIR bundle of a hospital, its ADT A04, or written down at the front desk. Plausible, not measured."""

GIVES_UP_WAITING = 0.04
"""Per week on the waitlist. Plausible, not measured."""

OFFERS = {"acceptance": 0.85, "refusal": 0.1, "nothing": 0.05}
"""What comes of the offer of a place, on tracks that offer it before they give it. Plausible, not measured."""

# how long they stay, and how it ends

STAY_SPREAD = 0.25
"""Standard deviation of the length of stay, as a share of its mean. Plausible, not measured."""

SHORTEST_STAY_WEEKS = 3
"""A planned course of treatment is no shorter. Plausible, not measured."""

DROP_OUT_EARLY, DROP_OUT_LATER, EARLY_WEEKS = 0.045, 0.015, 4
"""Per week in the first weeks, and afterwards: most who leave treatment do so early. In all about a fifth; reviews of
outpatient and intensive treatment report 20 to 40 % (Swift and Greenberg 2012: 20 % over 669 studies of adult
psychotherapy). The split over weeks is plausible, not measured."""

SAYS_GOODBYE = 0.35
"""Of those who drop out: who says so, and is discharged against advice at once. Plausible, not measured."""

DISCHARGED_TO = {"completed": 0.75, "stepped_down": 0.25}
"""Reasons of planned discharges. Plausible, not measured."""

RETURNS = 0.07
"""Of those discharged: who is referred again, as a new episode. Plausible, not measured."""

RETURNS_AFTER_WEEKS = (3, 16)
"""Plausible, not measured."""

TRANSFERS = 0.03
"""Per week in treatment: to another track of the program. Plausible, not measured."""

TRANSFER_KINDS = {"transfer": 0.4, "step_down": 0.4, "step_up": 0.2}
"""What a move to another track means: the same care elsewhere, less, or more. Plausible, not measured."""

# whether they come

ABSENCE = 0.09
"""Probability that a participant misses a session, on an ordinary day of an ordinary week. Missed appointments in
outpatient mental health are commonly reported between 10 and 30 %; the value for groups is plausible, not measured."""

ABSENCE_SPREAD = 0.6
"""Participants differ: standard deviation of the logarithm of their own factor. Plausible, not measured."""

WEEKDAY_FACTORS = (1.25, 0.95, 0.9, 0.95, 1.2, 1.1, 1.1)
"""Monday to Sunday: more is missed at the ends of the week. Plausible, not measured."""

WEATHER_SPREAD = 0.3
"""Weeks differ (snow, influenza, school holidays): standard deviation of the logarithm of the week's factor. Plausible,
not measured."""

HIGHEST_ABSENCE = 0.85
"""Whatever comes together, somebody comes sometimes. Plausible, not measured."""

CALLS_OFF = 0.25
"""Of absences: who calls days before and gives the seat back. Plausible, not measured."""

LATE, LATE_MINUTES = 0.07, (6, 40)
"""Who comes late, and by how much. Plausible, not measured."""

LEAVES_EARLY, EARLY_MINUTES = 0.04, (10, 60)
"""Who leaves before the end, and by how much. Plausible, not measured."""

SKILLS_SEATS_SHORT = 1
"""Psychoeducation has so many seats fewer than its group has members, from four on: somebody waits for a seat.
Plausible, not measured."""

STEPS_OUT = 0.015
"""Who leaves the room in between and comes back. Plausible, not measured."""

EXCUSED_LATER = 0.3
"""Of absences without notice: an excuse comes within days. Plausible, not measured."""

CORRECTED_LATER = 0.06
"""Of absences without notice: they had been there, and a paper sheet shows it. Plausible, not measured."""

LATER_DAYS = (1, 6)
"""After how many days an excuse or a correction is written down. Plausible, not measured."""

LATE_PAPERS, LATE_PAPERS_DAYS = 0.2, (9, 24)
"""Of these: what comes when the week has been judged and its days were billed. Plausible, not measured."""

LEFT_UNSEEN = 0.01
"""Of visits: they had left an hour early, as is found out later, and the record is corrected. Plausible, not
measured."""

CERTIFICATE = 0.2
"""Of steps of absence policies: a physician's certificate for all the absences that were counted comes days later.
Plausible, not measured."""

USES_KIOSK, WRONG_CODE = 0.3, 0.03
"""Of participants: who enters their code at the group's door; of entries: a wrong digit first. Plausible, not
measured."""

COMES_BY_CALL = 0.02
"""Of sessions in person: who joins from home. Plausible, not measured."""

CALL_BREAKS = 0.1
"""Of those in a call: the connection breaks and they are back minutes later on another device. Plausible, not
measured."""

MAKES_UP = 0.6
"""Of early warnings that a make-up would repair: who comes to one. Plausible, not measured."""

CATCHES_UP = 0.5
"""Of those near the end of their course who lack a topic that another group still teaches: who goes there. Plausible,
not measured."""

# when they, staff and rooms are not there

HAS_DUTIES, DUTIES = 0.35, {"work": 0.5, "school": 0.2, "child_care": 0.3}
"""Who says that they cannot come at some hours of a week, and why. Plausible, not measured."""

COMES_ALL_THE_SAME = 0.3
"""Of sessions at such an hour, or on a day on which they said to be away: who arranges to come. Plausible, not
measured."""

AWAY, AWAY_FOR = 0.06, {"medical_appointment": 0.4, "court_date": 0.15, "family": 0.3, "travel": 0.15}
"""Per participant and week: one-off days away. Plausible, not measured."""

LEAVE, LEAVE_FOR = 0.03, {"vacation": 0.6, "training": 0.4}
"""Per member of staff and week. Plausible, not measured."""

ROOM_REPAIRED = 0.01
"""Per room and week: not to be used for a day. Plausible, not measured."""

CLOSED_BY_WEATHER, WINTER_FACTOR = 0.02, 4
"""Per weekday in winter, of a week with ordinary weather; in other months so many times less. Plausible, not
measured."""

FORECAST_EARLY, FORECAST_WRONG = 0.5, 0.5
"""Of these: announced two days before, not one; of those, taken back the day before. Plausible, not measured."""

CLOSED_BY_REPAIR = 0.003
"""Per weekday: one track's rooms cannot be used. Plausible, not measured."""

# their hospital

HOSPITALIZED = 0.012
"""Per week. Plausible, not measured."""

STAY_IN_HOSPITAL_DAYS = (2, 10)
"""Plausible, not measured: acute psychiatric stays are about a week."""

ADMISSION_CANCELLED = 0.1
"""Of ADT A01: a clerk's mistake, followed by an A11. Plausible, not measured."""

DISCHARGE_CANCELLED = 0.08
"""Of ADT A03: followed by an A13, and by another A03 days later. Plausible, not measured."""

ORDERS_CHANGED = 0.11
"""Medication orders new, changed or discontinued, per participant and week. Plausible, not measured."""

ORDER_CONTROLS = {"NW": 0.45, "XO": 0.35, "DC": 0.2}
"""New, changed, discontinued. Plausible, not measured."""

UPDATED = 0.02
"""ADT A08, per participant and week. Plausible, not measured."""

OBSERVED = 0.03
"""ORU R01, per participant and week. Plausible, not measured."""

SECOND_NUMBER = 0.02
"""Of participants: the hospital gives them a second number and merges the two later (A40). Plausible, not measured."""

MERGED_BY_MISTAKE, MISTAKE_NOTICED_DAYS = 0.015, (1, 4)
"""Of participants: the hospital merges them with somebody else (A40); after so many days the program tells them apart
again. Plausible, not measured."""

STRANGERS = 0.3
"""ADT messages about people unknown to the program, per participant in treatment and week. Plausible, not measured."""

SENT_TWICE = 0.004
"""Of messages: sent again with the same control id, since an acknowledgment was lost. Plausible, not measured."""

WATCHED_WEEKS = 20
"""How long from the referral on the hospital's messages about somebody are simulated."""

# how it goes

PHQ_9_AT_ADMISSION, GAD_7_AT_ADMISSION = (15.5, 4.5), (12.5, 4.0)
"""Mean and standard deviation: moderately severe depression, moderate anxiety. Plausible, not measured."""

COURSES = {"improves": 0.62, "unchanged": 0.26, "worsens": 0.12}
"""Lambert 2013: 5 to 10 % of adult clients deteriorate; that about half to two thirds improve is plausible, not
measured."""

SHARE_LEFT = {"improves": (0.25, 0.65), "unchanged": (0.85, 1.1), "worsens": (1.15, 1.5)}
"""The score at the end as a share of that at admission. Plausible, not measured."""

WEEKS_TO_CHANGE = 4.0
"""After so many weeks about two thirds of the change have happened: improvement is fastest at first. Plausible, not
measured."""

SCORE_NOISE = 1.2
"""Standard deviation in points, from one measuring to the next. Plausible, not measured."""

SUICIDAL_IDEATION = 0.02
"""Probability of an answer above 0 to PHQ-9 item 9 for each point of the rest of the scale. Plausible, not measured."""

ADVERSE_EFFECTS = 0.012
"""Reported by participants, per week. Plausible, not measured."""

SEVERITIES = {"mild": 0.6, "moderate": 0.33, "severe": 0.07}
"""Plausible, not measured."""

SAYS_OTHERWISE = 0.3
"""At admission: who says that they take something otherwise than the hospital has it. Plausible, not measured."""

OBSERVED_DOSES = {"F11.20": "buprenorphine"}
"""Diagnosis → the medication of which doses are observed: medication for opioid use disorder."""

OBSERVED_ON, TAKEN_HOME_FOR = ("MO", "WE", "FR"), ("TU", "TH", "SA", "SU")
"""On the days of groups; the others are taken at home. Program practice, plausible."""

DOSE_REFUSED = 0.02
"""Of those who come. Plausible, not measured."""

# what becomes of sessions

SESSION_CANCELLED, SESSION_SUBSTITUTED, SESSION_MOVED = 0.008, 0.02, 0.006
"""Of groups and psychoeducation. Plausible, not measured."""

# how well the program keeps up

DECISIONS = {"none": 0.45, "continue": 0.25, "change": 0.15, "stop": 0.06, "start": 0.09}
"""Of a prescriber's review. Plausible, not measured."""

ACKNOWLEDGED = {"monitored": 0.5, "benefit_outweighs_risk": 0.3, "tolerated_before": 0.2}
"""Why a prescriber leaves a flagged pair of medications as it is. Plausible, not measured."""

NO_LAST_SCORE = 0.06
"""Of planned discharges: they did not come to the last measuring. Plausible, not measured."""

PAST_THE_LINE = 0.3
"""Of seats that are kept for others who wait: given by a coordinator to who comes back from hospital. Plausible, not
measured."""

LATE_WORK = {
    "reassessment": 0.05, "instrument_at_admission": 0.05, "certification": 0.08, "plan_review": 0.08,
    "authorization_renewal": 0.08, "discharge_review": 0.05, "reconciliation": 0.06, "review": 0.1,
}  # fmt: skip
"""Of what falls due: done some days late. Plausible, not measured."""

LATE_WORK_DAYS = (1, 5)
"""Plausible, not measured."""

MEASURED_EVERY_DAYS = 30
"""Scores of occasion review, as often as the medication review cycle of the shipped packs."""

AUTHORIZED_DAYS = 18
"""Days that a payer's authorization pays for. Plausible, not measured."""

CONSENTS_REVOKED = 0.05
"""Of consents: revoked later. Plausible, not measured."""
