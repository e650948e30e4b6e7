"""Personal Information Protection Law."""
