"""What the pages on word lists and rule packs show."""
