"""One dossier: statuses, snapshots, events, its evaluation and the warnings about its data."""
