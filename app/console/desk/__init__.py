"""What the review pages show, worked out beforehand as frozen values."""
