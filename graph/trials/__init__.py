"""Trial cases: facts, and the legal positions and qualifications that must, or must not, follow from them.

A trial file is TOML (`tests/law/README.md` shows one): facts as Turtle with ``$name`` placeholders, and cases that fill
them in and say what they expect on which day.
"""

from graph.trials.run import Outcome, run_trials

__all__ = ["Outcome", "run_trials"]
