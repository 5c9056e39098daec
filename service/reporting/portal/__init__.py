"""What portals and the public pages show beside a report: views, rows of units and months, the state of the service."""
