"""The one way out over HTTP: signed posts to addresses that are checked before connecting."""
