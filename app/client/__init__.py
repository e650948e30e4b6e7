"""The typed client of the push API, for senders written in Python, the demo and the tests."""
