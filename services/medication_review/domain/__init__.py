"""What a participant takes by each source, where sources disagree, and when somebody has to look at it."""
