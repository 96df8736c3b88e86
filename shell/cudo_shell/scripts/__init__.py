"""Scripts of commands: reading them, and running them with an end one can trust."""
