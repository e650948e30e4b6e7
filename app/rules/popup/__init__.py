"""Provisions on Pop-up Information Push Services, in force 2022-09-30."""
