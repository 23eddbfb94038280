"""How much the proofs try."""

import os

WHOLE = "TEST_ALL" in os.environ
"""Whether they try all there is. Without it they take a part that finds nearly the same, sooner.

.ci/run tries all on one of its Pythons.
"""
