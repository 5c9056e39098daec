"""Start the jobs inside the serving process."""

from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from jobs.schedule import JOBS
from service.http.context import Service

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def start_inline(service: Service) -> BackgroundScheduler:
    """Start every job of the table in background threads; the caller shuts the scheduler down."""
    scheduler = BackgroundScheduler(timezone=ZONE)
    for job in JOBS:
        scheduler.add_job(
            job.run,
            CronTrigger(**job.cron, timezone=ZONE),
            args=[service],
            id=job.name,
            coalesce=True,
            misfire_grace_time=3600,
        )
    scheduler.start()
    return scheduler
