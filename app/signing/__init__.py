"""The gateway's Ed25519 keys and the envelopes and checkpoints that they sign."""
