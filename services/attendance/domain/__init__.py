"""What happened in each session, and what a participant's treatment week amounts to."""
