"""The push itself: submit, decide, rule, release, withdraw, replay."""
