"""Proofs on real input: a whole gateway driven from outside, and its counts added up."""
