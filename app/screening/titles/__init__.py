"""News titles: what the popup changed against the original, and how it baits by itself."""
