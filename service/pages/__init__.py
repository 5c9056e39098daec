"""Pages, embeds, badges and the form: renderings of one report."""
