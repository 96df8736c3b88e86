"""What may come next on a command line: live candidates, ranked. Knows no user interface."""
