"""A believable program by seed: its people, its hospital's messages, its timetable and what happens day by day."""
