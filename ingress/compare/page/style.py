"""The look of the page."""

from typing import Final

CSS: Final = """
:root{color-scheme:light dark;--ink:#1c2024;--soft:#5b6570;--line:#dfe3e8;--bg:#fff;--card:#f6f8fa;
--left:#3b6fd4;--right:#d97706;--leftbg:#e3ecfd;--rightbg:#fdeed8;--bad:#c02637;--good:#1a7f4b}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ed;--soft:#98a2ad;--line:#30363d;--bg:#0f1317;
--card:#181d23;--left:#7aa5f5;--right:#f0a545;--leftbg:#1b2a47;--rightbg:#412c10;--bad:#ff7b88;
--good:#5fd39a}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1080px;padding:32px 24px 64px;background:var(--bg);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
h1{font-size:24px;margin:0 0 4px}h2{font-size:17px;margin:36px 0 12px}
.sub{color:var(--soft);margin:0 0 20px;overflow-wrap:anywhere}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(130px,1fr));gap:12px}
.card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:12px 14px}
.card b{display:block;font-size:24px;line-height:1.2;font-variant-numeric:tabular-nums}
.card span{color:var(--soft);font-size:13px}
.card.bad b{color:var(--bad)}.card.good b{color:var(--good)}
.key{display:inline-block;width:11px;height:11px;border-radius:3px;margin:0 6px 0 0}
.key.left{background:var(--left)}.key.right{background:var(--right)}
.legend{display:flex;gap:20px;color:var(--soft);font-size:13px;flex-wrap:wrap}
svg{width:100%;height:auto;display:block;margin:8px 0}
.area{stroke-width:1.5;fill-opacity:.28}.area.left{fill:var(--left);stroke:var(--left)}
.area.right{fill:var(--right);stroke:var(--right)}
.axis{stroke:var(--soft)}.grid{stroke:var(--line)}
.tick{fill:var(--soft);font-size:11px;text-anchor:middle}
.span{stroke-width:2}.span.left,.mark.left{stroke:var(--left)}.mark.left{fill:var(--left)}
.span.right,.mark.right{stroke:var(--right)}.mark.right{fill:var(--right)}
table.figures{border-collapse:collapse;font-variant-numeric:tabular-nums;width:100%}
.figures th,.figures td{text-align:right;padding:5px 10px;border-bottom:1px solid var(--line)}
.figures th:first-child,.figures td:first-child{text-align:left;overflow-wrap:anywhere}
.figures th{color:var(--soft);font-weight:500;font-size:13px}
details.finding{border:1px solid var(--line);border-radius:8px;margin:0 0 10px;overflow:hidden}
.finding>summary{cursor:pointer;padding:11px 14px;background:var(--card);display:flex;gap:6px 12px;
flex-wrap:wrap;align-items:baseline}
.finding>summary::marker{color:var(--soft)}
.route{color:var(--soft)}.path{font-weight:600}
code,.route,.path,.sides,.pair{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;
font-size:13px;overflow-wrap:anywhere}
.kind{border:1px solid var(--line);border-radius:99px;padding:0 9px;font-size:12px;
color:var(--soft)}
.count{margin-left:auto;font-variant-numeric:tabular-nums;white-space:nowrap}
.example{padding:12px 14px;border-top:1px solid var(--line)}
.example>p{margin:0 0 8px;color:var(--soft);overflow-wrap:anywhere}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:8px;margin:0 0 10px}
.pair>div{padding:6px 10px;border-radius:6px;white-space:pre-wrap}
.pair .l{background:var(--leftbg)}.pair .r{background:var(--rightbg)}
.sides{width:100%;border-collapse:collapse;table-layout:fixed;border:1px solid var(--line)}
.sides td{padding:1px 8px;white-space:pre-wrap;vertical-align:top;width:50%;
border-left:1px solid var(--line)}
.sides td.left{background:var(--leftbg)}.sides td.right{background:var(--rightbg)}
.sides td.none{background:var(--card)}
.sides .more td{color:var(--soft);text-align:center;background:var(--card);
font:12px system-ui,sans-serif;padding:3px}
.whole>summary{cursor:pointer;color:var(--soft);font-size:13px;margin-bottom:6px}
.well{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:16px;
color:var(--good)}
footer{margin-top:40px;color:var(--soft);font-size:13px}
"""
