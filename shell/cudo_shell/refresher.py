"""`cudo` in the background, for `completion refresh`: behind all other work, and ended after a while."""

import os
import signal

LONGEST = 60  # seconds, whatever hangs

if __name__ == "__main__":
    os.nice(10)
    signal.alarm(LONGEST)
    from cudo_shell.main import entry

    entry()
