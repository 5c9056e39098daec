"""The server from a process that has loaded the program: when it is killed, another one is there at once.

Loading takes most of a start. Without it hundreds of kills fit into half an hour, and each is met by a new process.
"""

import os
import sys
import time
from pathlib import Path

from service.serve import main


def serve_again_and_again(told: Path) -> None:
    """Fork a server whenever there is none; its process id is told in a file."""
    while True:
        child = os.fork()
        if not child:
            main()
            os._exit(0)
        told.write_text(str(child))
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            time.sleep(0.2)  # it ended by itself: the database may be away


if __name__ == "__main__":
    serve_again_and_again(Path(sys.argv.pop()))
