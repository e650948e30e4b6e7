"""What admins set: frequency caps as versions, and kill switches."""
