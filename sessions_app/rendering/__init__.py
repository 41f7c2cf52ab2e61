"""Text to safe HTML: pure functions, and the only place in the project that may call mark_safe."""
