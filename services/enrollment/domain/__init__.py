"""Enrollment's domain: participants, referrals, assessments, tracks and episodes of care. Pure: no clock, no store."""
