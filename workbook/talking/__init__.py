"""Speaking HTTP to a lesson's server, and remembering every word of it."""
