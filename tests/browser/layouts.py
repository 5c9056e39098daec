"""Copies of the portals that embed the widget: their styles and the place where it stands, nothing else of them."""

from urllib.parse import parse_qs, urlsplit

from tests.support.demonstration import AS_OF, UNIT

_BELOW = "<p>Tin tức – Sự kiện. Lịch tiếp công dân. Văn bản chỉ đạo điều hành.</p>" * 12
_HEAD = """<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>Cổng thông tin</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>{style}</style>
<script src="{service}/widget.js" async></script></head>"""
_LAYOUTS = {
    "bootstrap3": (
        "html{font-size:10px}*{box-sizing:border-box}"
        "body{font:14px/1.42857143 'Helvetica Neue',Arial;color:#333;margin:0}"
        "p{margin:0 0 10px}ul{margin-bottom:10px}table{border-spacing:0}.panel{border:1px solid #ddd;padding:0}"
        "a{color:#337ab7;text-decoration:none}.container{max-width:1170px;margin:auto}",
        '<body><div class="container"><div class="panel" style="width:{width}">{widget}</div>{below}</div></body>',
    ),
    "tables": (
        "body,td{font:11px Tahoma,Arial;margin:0}td{vertical-align:top}a{color:#00f}"
        "p{text-align:justify;text-transform:uppercase}",
        '<body><table width="100%" border="0" cellpadding="0" cellspacing="0"><tr><td width="{width}">'
        '<div style="width:{width}">{widget}</div></td></tr><tr><td>{below}</td></tr></table></body></html>',
    ),
    "modern": (
        ":root{font-size:clamp(12px,1vw,20px)}body{margin:0;display:grid;gap:1rem;font-family:system-ui;line-height:1.2}"
        "*{letter-spacing:.02em}main{display:flex;flex-direction:column}@media(prefers-color-scheme:dark){body{background:#111}}",
        '<body><main><section style="width:{width};min-width:0">{widget}</section>{below}</main></body></html>',
    ),
    # What portals of twenty years have left behind, in one page, and a page that runs from right to left.
    "hostile": (
        "*{box-sizing:content-box;line-height:1!important;font-size:11px!important;padding:0!important}html{direction:rtl}"
        "body{text-transform:uppercase;letter-spacing:3px;word-spacing:5px;text-indent:3em;white-space:nowrap;text-align:right;"
        "font:italic small-caps bold 11px serif;color:#fff;word-break:break-all;text-shadow:1px 1px red;margin:0}"
        "table td{padding:20px!important;border:1px solid}a{color:red!important}svg{width:100%}div{float:left}"
        "main,main p{white-space:normal;text-indent:0}ul{list-style:square;margin-left:40px}",
        '<body><main><section style="width:{width}">{widget}</section>{below}</main></body></html>',
    ),
}
LAYOUTS = tuple(_LAYOUTS)


def layout(service: str, address: str) -> bytes:
    """Return the page of /LAYOUT?width=230px&attributes=…; nothing for any other address."""
    parts = urlsplit(address)
    style, body = _LAYOUTS.get(parts.path[1:], ("", ""))
    if not body:
        return b""
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    widget = f'<tthc-widget unit="{UNIT}" as-of="{AS_OF}" {asked.get("attributes", "")}></tthc-widget>'
    page = _HEAD.replace("{style}", style).replace("{service}", service) + body
    return page.replace("{width}", asked["width"]).replace("{widget}", widget).replace("{below}", _BELOW).encode()
