/**
 * The page's look. Colours of series are those of Okabe & Ito (2008), darkened or lightened to at least 3:1 against their ground; shapes tell the same as colours.
 */
export const style = `
:root{--ground:#fbfaf8;--card:#fff;--ink:#1c2128;--quiet:#59616b;--rule:#e2dfd9;--blue:#0068a6;--orange:#c24e00;--green:#00795a;--violet:#a4508b;--gold:#936b00;--slate:#4c5966;--pale:#eceae5;--mark:#ffe7a3;--good:#0b6b50;--bad:#a83c00;color-scheme:light dark}
@media (prefers-color-scheme:dark){:root{--ground:#14171b;--card:#1c2026;--ink:#e8e6e1;--quiet:#a3abb4;--rule:#323841;--blue:#5fb4ea;--orange:#f08c4a;--green:#3cc49b;--violet:#d893c2;--gold:#e2b53f;--slate:#a9b5c1;--pale:#2a3038;--mark:#5c4a10;--good:#4fd0a8;--bad:#f59a68}}
*{box-sizing:border-box}
html{scroll-behavior:smooth}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
a{color:var(--blue)}
.skip{position:absolute;left:-999px}
.skip:focus{left:8px;top:8px;background:var(--card);padding:8px 12px;z-index:2}
:focus-visible{outline:3px solid var(--blue);outline-offset:2px}
header,main,footer{max-width:1120px;margin:0 auto;padding:0 20px}
header{padding-top:36px}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 6px;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:1.35rem;margin:44px 0 4px;padding-top:12px;border-top:1px solid var(--rule);overflow-wrap:anywhere}
h3{font-size:1.05rem;margin:0 0 2px}
h4{font-size:.95rem;margin:0;overflow-wrap:anywhere}
p{margin:0 0 10px;max-width:75ch}
.quiet{color:var(--quiet);font-size:.9rem}
.notice{display:inline-block;margin:8px 0 0;padding:5px 12px;border:1.5px solid var(--orange);border-radius:999px;font-weight:600;font-size:.9rem}
.warning{border-left:4px solid var(--orange);padding:8px 14px 8px 32px;background:var(--card);margin:14px 0}
.warning li+li{margin-top:4px}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:6px 18px;padding:0;margin:18px 0 0}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:18px;margin:18px 0;align-items:start}
figure,section.words{margin:0;background:var(--card);border:1px solid var(--rule);border-radius:12px;padding:18px 18px 12px;min-width:0}
figure.wide{grid-column:1/-1}
figcaption{margin-bottom:12px}
figcaption .quiet{margin:0}
figure svg{display:block;width:100%;height:auto;overflow:visible}
ul.findings{margin:8px 0 0;padding-left:20px}
ul.findings li{margin-bottom:6px}
text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;fill:var(--ink)}
text.tick{fill:var(--quiet);font-size:12px}
text.label{font-weight:600}
text.label,text.value{paint-order:stroke;stroke:var(--card);stroke-width:4px;stroke-linejoin:round}
text.value{font-variant-numeric:tabular-nums}
.grid{stroke:var(--rule);stroke-width:1}
.zero{stroke:var(--ink);stroke-width:1.5}
.chance{stroke:var(--quiet);stroke-width:1.5;stroke-dasharray:5 4;fill:none}
.majority{stroke:var(--quiet);stroke-width:2;stroke-dasharray:1.5 4;stroke-linecap:round;fill:none}
.blind{fill:var(--pale)}
.s0{--c:var(--slate)}.s1{--c:var(--blue)}.s2{--c:var(--orange)}.s3{--c:var(--green)}.s4{--c:var(--violet)}.s5{--c:var(--gold)}.s6{--c:var(--ink)}.s7{--c:var(--bad)}.ink{--c:var(--ink)}
.mark{fill:var(--c);stroke:var(--card);stroke-width:1.5}
.mark.hollow{fill:var(--card);stroke:var(--c);stroke-width:2.5}
.band{fill:var(--c);opacity:.22}
.whisker line,.stem{stroke:var(--c);stroke-width:2}
.line,.bound{fill:none;stroke:var(--c);stroke-width:2.5}
.bound{stroke-width:1.5;stroke-dasharray:5 4}
.part-slate{fill:var(--slate)}.part-blue{fill:var(--blue)}.part-orange{fill:var(--orange)}.part-quiet{fill:var(--quiet)}.part-pale{fill:var(--rule)}
.in-slate,.in-blue,.in-orange,.in-quiet{fill:var(--card);font-weight:600}
.image-real{fill:var(--blue)}.image-swapped{fill:var(--orange)}.image-blank{fill:var(--slate)}.image-noise{fill:var(--violet)}.image-none{fill:var(--gold)}.image-options-only{fill:var(--green)}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:4px 16px;padding:0;margin:10px 0 4px;font-size:.88rem}
.legend li{display:flex;align-items:center;gap:6px}
figure .legend svg{width:16px;height:16px;flex:none}
.scroll{overflow-x:auto;margin:6px 0}
table{border-collapse:collapse;width:100%;font-size:.88rem;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--quiet);padding:4px 0}
th,td{padding:5px 10px;border-bottom:1px solid var(--rule);text-align:left;white-space:nowrap;font-weight:400}
thead th{color:var(--quiet);font-size:.82rem}
.num{text-align:right}
details.data{margin-top:6px;font-size:.9rem}
summary{cursor:pointer}
details.data>summary{color:var(--quiet);padding:4px 0}
.example{background:var(--card);border:1px solid var(--rule);border-radius:12px;padding:12px 18px;margin:12px 0}
.example>summary{overflow-wrap:anywhere}
article h4{display:flex;justify-content:space-between;gap:8px;margin-bottom:2px}
.tag{display:inline-block;min-width:7.5em;text-align:center;border-radius:6px;padding:1px 8px;font-size:.82rem;font-weight:600;border:1.5px solid var(--quiet)}
.tag-won,.tag-right{border-color:var(--blue)}.tag-lost,.tag-wrong{border-color:var(--orange)}
.id{color:var(--quiet);font-size:.88rem}
.asked{display:flex;flex-wrap:wrap;gap:18px;margin:14px 0}
.asked>div{flex:1 1 320px;min-width:0}
.asked img{width:224px;max-width:100%;height:auto;border-radius:8px;border:1px solid var(--rule);background:#000;image-rendering:auto}
.stem{white-space:pre-wrap;overflow-wrap:anywhere}
.asked ol{margin:0;padding-left:26px}
.asked li{overflow-wrap:anywhere}
.gold b{color:var(--good);font-size:.88rem}
.answers{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,215px),1fr));gap:12px}
article{border:1px solid var(--rule);border-top:4px solid var(--quiet);border-radius:8px;padding:10px 12px;min-width:0;text-align:left}
article.was-right{border-top-color:var(--good)}
article.was-wrong{border-top-color:var(--bad)}
.verdict{font-weight:600;white-space:nowrap}
article.was-right .verdict{color:var(--good)}
article.was-wrong .verdict{color:var(--bad)}
article p{overflow-wrap:anywhere;margin-bottom:6px}
pre{margin:0;font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere;max-height:600px;overflow-y:auto}
.thought{color:var(--quiet)}
mark{background:var(--mark);color:inherit;border-radius:3px;padding:0 2px}
.nopicture{flex:0 0 160px;border:1px dashed var(--rule);border-radius:8px;padding:12px;margin:0;overflow-wrap:anywhere}
footer{margin-top:48px;padding-bottom:48px;font-size:.9rem;color:var(--quiet)}
footer dt{color:var(--ink);font-weight:600;margin-top:8px}
footer dd{margin:0;max-width:80ch}
@media (max-width:600px){header,main,footer{padding-left:14px;padding-right:14px}figure{padding:14px 12px 10px}h1{font-size:1.5rem}.example{padding:10px 12px}}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
@media print{body{background:#fff}details.data,nav,.skip{display:none}figure,.example{break-inside:avoid}pre{max-height:none}}
`;
