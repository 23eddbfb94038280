"""What the learner's commands stand on: progress, hints, one's own lessons, the hand-in."""
