"""MIIT design specification of apps for the elderly."""
