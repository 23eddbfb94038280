"""Running a lesson's server in a process of its own: one way, used by every command."""
