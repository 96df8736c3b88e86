"""The shell `cudo`: commands, output, scripts and the prompt."""
