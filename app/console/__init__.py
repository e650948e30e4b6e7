"""The web console: server-rendered pages for the staff, and the few public ones."""
