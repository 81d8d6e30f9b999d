"""Run the command line as `python -m hostcheck`, which with `-I` is how cron starts it."""

import sys

from hostcheck.cli import main

sys.exit(main())
