"""Pages, embeds and badges as a browser or a portal asks for them."""
