"""What a vendor writes with the client that openapi-python-client made: push, read, meet errors.

Run as a program: address and key; the client's folder is the working directory.
"""

import sys

from tthc_client import AuthenticatedClient, Client
from tthc_client.api.push import push_batch, push_dossier
from tthc_client.api.read import get_stats, get_widget
from tthc_client.models import Dossier, DossierStatusType0, Problem, Receipt, Stats, Summary, Widget

address, key = sys.argv[1:]
reader, sender = Client(base_url=address), AuthenticatedClient(base_url=address, token=key)


def dossier(code: str, **given: object) -> Dossier:
    """Build a dossier with the generated class."""
    return Dossier(
        code=code,
        unit_code="H23.45",
        procedure_code="1.004873",
        status=DossierStatusType0.PROCESSING,
        received_at="2023-10-02T08:00:00+07:00",
        **given,
    )


pushed = push_dossier.sync(client=sender, body=dossier("G-1"))
assert isinstance(pushed, Receipt), pushed
assert pushed.result == "created"

batch = push_batch.sync(client=sender, body=[dossier("G-2"), dossier("G-3", due_at="soon")])
assert isinstance(batch, Summary), batch
assert (batch.created, batch.rejected, batch.rejections[0].index) == (1, 1, 1)

stats = get_stats.sync(client=reader, unit="H23.45", period="2023", as_of="2023-10-05", group_by="channel")
assert isinstance(stats, Stats), stats
assert stats.counts.workload == 2

widget = get_widget.sync(client=reader, unit="H23.45", period="2023", as_of="2023-10-05")
assert isinstance(widget, Widget), widget
assert widget.counts.workload == 2

unknown = get_stats.sync(client=reader, unit="H99")
assert isinstance(unknown, Problem), unknown
assert unknown.status == 404

refused = push_dossier.sync(client=AuthenticatedClient(base_url=address, token="x"), body=dossier("G-4"))
assert isinstance(refused, Problem), refused
assert refused.status == 401
