"""The report's one style sheet: paper, light and dark, and print."""

from __future__ import annotations

from nngraph.render.colours import DARK_WANTED, DETAIL, PAPER, SERIES, TEXT, rgb

LIGHT, DARK = 0, 1  # of a pair of colours
ON_LIGHT, ON_DARK = "--mark:#fff4e0", "--mark:#33291a"


def style_sheet() -> str:
    """The rules of every page, in the colours of its plots."""
    light = f"{_inks(LIGHT)}--card:#f6f7f9;--rule:#dfe3e8;{ON_LIGHT}"
    dark = f"{_inks(DARK)}--card:#1c2027;--rule:#2f353f;{ON_DARK}"
    return (
        f":root{{color-scheme:light;{light}}}\n"
        f"{DARK_WANTED}{{:root{{color-scheme:dark;{dark}}}}}\n"
        f"@media print{{:root{{{light};--text:#000;--detail:#444;--rule:#ccc}}}}\n{RULES}"
    )


def _inks(theme: int) -> str:
    """The colours that a page shares with its plots."""
    inks = {ink.name: (ink.light, ink.dark)[theme] for ink in (PAPER, TEXT, DETAIL)}
    for name, pair in zip(("blue", "orange"), SERIES, strict=False):
        inks[name] = ",".join(map(str, rgb(pair[theme])))
    return "".join(f"--{name}:{ink};" for name, ink in inks.items())


RULES = """\
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--text);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}
main{max-width:1020px;margin:0 auto;padding:28px 24px 64px}
header p{margin:4px 0;color:var(--detail);max-width:72ch}
h1{font-size:30px;line-height:1.2;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:20px;margin:44px 0 4px;padding-top:14px;border-top:1px solid var(--rule)}
h3{font-size:16px;margin:22px 0 6px}
p{margin:6px 0 12px;max-width:78ch}
.detail,figcaption,caption{color:var(--detail);font-size:14px}
nav{margin:14px 0 0;font-size:14px;display:flex;flex-wrap:wrap;gap:4px 18px}
a{color:rgb(var(--blue))}
.tiles{display:flex;flex-wrap:wrap;gap:12px;margin:20px 0 8px;padding:0;list-style:none}
.tiles li{background:var(--card);border-radius:8px;padding:10px 16px;min-width:118px}
.tiles b{display:block;font-size:24px;line-height:1.25;font-variant-numeric:tabular-nums}
.tiles span{color:var(--detail);font-size:13px}
.tiles .first b{color:rgb(var(--blue))}
.findings{margin:14px 0;padding:0;list-style:none;max-width:86ch}
.findings li{padding:7px 12px 7px 34px;position:relative;border-radius:6px;margin:4px 0}
.findings li::before{content:"i";position:absolute;left:11px;top:8px;width:16px;height:16px;
border-radius:50%;border:1px solid var(--detail);color:var(--detail);font:italic 12px/14px serif;
text-align:center}
.findings .warn{background:var(--mark)}
.findings .warn::before{content:"!";border-color:rgb(var(--orange));color:rgb(var(--orange));
font:bold 12px/14px sans-serif}
.wide{overflow-x:auto;margin:8px 0}
table{border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums}
caption{text-align:left;padding:0 0 6px}
th,td{padding:5px 10px;text-align:right;border-bottom:1px solid var(--rule);white-space:nowrap}
th{font-weight:600;color:var(--detail)}
th[scope=row],td.left,th.left{text-align:left}
th[scope=row]{color:var(--text)}
td small,th small{display:block;color:var(--detail);font-weight:400;font-size:12px}
.best{font-weight:700}
.warn-text{color:rgb(var(--orange));font-weight:600}
.confusion{border-collapse:separate;border-spacing:2px}
.confusion td,.confusion th{border:0;padding:0 6px;height:30px;min-width:34px;text-align:center}
.confusion th[scope=row]{text-align:right}
.confusion td{border-radius:4px;background:var(--card)}
.confusion td.zero{color:transparent}
.confusion td.right{background:rgba(var(--blue),var(--share))}
.confusion td.wrong{background:rgba(var(--orange),var(--share))}
.confusion td a{color:inherit;text-decoration:none;display:block;line-height:30px}
.confusion td a:hover,.confusion td a:focus{text-decoration:underline}
h4{font-size:14px;font-weight:400;margin:18px 0 0}div:target>h4,li:target{background:var(--mark)}
.confusion .sum{background:none;color:var(--detail)}
.pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(122px,1fr));gap:14px 12px;
margin:12px 0;padding:0;list-style:none}
.pictures.several{grid-template-columns:repeat(auto-fill,minmax(290px,1fr))}
.pictures.four{grid-template-columns:repeat(auto-fill,minmax(394px,1fr))}
.pictures li{font-size:13px;line-height:1.35}
.pictures img{width:92px;height:auto;display:inline-block;margin:0 4px 4px 0;
image-rendering:pixelated;border-radius:4px;border:1px solid var(--rule)}
.pictures b{font-size:14px}.pictures .detail{font-size:11.5px;white-space:nowrap}
.strips td,.strips th{vertical-align:middle}
.strips svg{display:block}
.strips .bars{padding:3px 4px 3px 12px}
.strips .last{padding-left:2px}
.wide-gap{display:flex;flex-wrap:wrap;gap:24px}.swatch{display:inline-block;width:11px;height:11px;
border-radius:50%;margin:0 5px 0 14px}
.key{display:inline-block;white-space:nowrap}
figure{margin:12px 0}
figure svg{max-width:100%;height:auto}
#curves figure{overflow-x:auto;overflow-y:hidden}
#curves svg{display:block;min-width:640px}
.beside{display:flex;flex-wrap:wrap;gap:8px 44px;align-items:flex-start}
.network{text-align:center}
pre{background:var(--card);border-radius:8px;padding:14px 16px;overflow-x:auto;
font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;tab-size:2}
dl{display:grid;grid-template-columns:max-content 1fr;gap:3px 18px;font-size:14px}
dt{color:var(--detail)}dd{margin:0;overflow-wrap:anywhere}
footer{margin-top:48px;color:var(--detail);font-size:13px}
@media print{body{font-size:12px;print-color-adjust:exact;-webkit-print-color-adjust:exact}
main{padding:0;max-width:none}nav{display:none}#curves svg{min-width:0}
.pictures .detail{font-size:9px}
figure,table,.pictures li,.tiles,.findings li{break-inside:avoid}h2,h3{break-after:avoid}
pre{white-space:pre-wrap}.wide{overflow:visible}}
@media (max-width:560px){main{padding:18px 14px 40px}.tiles li{flex:1 1 40%}}
"""
