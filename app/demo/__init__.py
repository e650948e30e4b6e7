"""The demo: a provider, people, sources and pushes of our own invention, and how they get in."""
