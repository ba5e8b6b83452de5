"""`python -m classifier`."""

import sys

from classifier.command.main import main

if __name__ == "__main__":
    sys.exit(main())
