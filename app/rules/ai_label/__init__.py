"""Measures for Labelling AI-Generated Synthetic Content."""
