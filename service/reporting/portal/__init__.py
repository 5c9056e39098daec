"""What portals and public pages show beside a report: views, tables of units and months, axes of charts."""
