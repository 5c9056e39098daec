"""The real server with the fast table of jobs beside it."""

from service.serve import main
from tests.jobs.fast import JOBS

if __name__ == "__main__":
    main(jobs=JOBS)
