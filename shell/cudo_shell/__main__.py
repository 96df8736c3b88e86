"""`python -m cudo_shell` is `cudo`."""

from cudo_shell.main import entry

if __name__ == "__main__":
    entry()
