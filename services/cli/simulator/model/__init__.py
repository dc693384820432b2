"""The simulated program without services: who comes, how it goes with them, what hospitals send. Pure, by seed."""
