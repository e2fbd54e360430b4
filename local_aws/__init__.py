"""An AWS on this computer: moto, with what it lacks for this project, for the demo and the integration tests."""
