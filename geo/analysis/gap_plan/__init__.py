"""The plan that closes gaps: who is to take what, so that most weight is closed, with fewest moves."""
