"""Instruments and ASAM editions as the shipped packs have them."""

from datetime import date

from services.enrollment.domain import instruments
from services.enrollment.standards import asam_by, instrument_by
from services.platform.packs import Packs

PACKS = Packs.load()
DAY = date(2026, 3, 2)
INSTRUMENTS = {
    name: instrument_by(PACKS, PACKS.in_force((), DAY), name, "adult")[0] for name in instruments.INSTRUMENTS
}
PHQ_9, GAD_7, BAM, BAM_IOP, EDE_Q, WHODAS_12 = INSTRUMENTS.values()
ASAM_3RD, ASAM_4TH = (asam_by(PACKS, PACKS.in_force((pack,), DAY), "adult")[0] for pack in ("asam_2_1", "asam_2_1_4th"))
