"""The text engine: normalise, tokenise and match, and report spans in the original text."""
