"""The register: providers, their licences and surfaces, senders and their keys."""
