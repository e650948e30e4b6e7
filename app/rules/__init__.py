"""The law as code: one clause a file, the engine that runs them all, and their words."""
