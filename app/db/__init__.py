"""The way to the database: column types, one door to read and one to write."""
