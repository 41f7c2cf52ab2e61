"""A scripted model: an Anthropic Messages API on loopback that answers from scripts, for the demo and for tests."""
