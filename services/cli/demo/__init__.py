"""The demo: a stage on which all services run embedded, the play, what came of it, and the proofs."""
