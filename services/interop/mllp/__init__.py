"""MLLP, the minimal lower layer protocol of HL7: framing, a listener that batches, and a client that waits its turn."""
