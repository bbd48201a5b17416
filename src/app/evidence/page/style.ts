/** Borders and words repeat what colours show. On a phone, each row of a table becomes a separate block. */
export const style = `
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1rem;overflow-wrap:anywhere}
h1{font-size:1.5rem;margin:0}
h2{font-size:1.15rem;margin:2rem 0 .5rem;border-bottom:1px solid}
.verdict{border:3px solid;padding:.75rem 1rem;margin:1rem 0}
.verdict strong{font-size:1.3rem}
.blocked{border-style:double;border-width:6px}
.verdict p{margin:.25rem 0 0}
table{border-collapse:collapse;width:100%}
th,td{min-width:6.6rem;text-align:left;vertical-align:top;padding:.3rem .6rem;border:1px solid #8888}
dl{display:grid;grid-template-columns:minmax(8rem,14rem) 1fr;gap:.2rem 1rem;margin:0}
dt{font-weight:600}
dd{margin:0}
.bars{list-style:none;padding:0;margin:0}
.bars li{margin:.6rem 0}
.when{color:inherit;opacity:.85}
.bar{display:block;height:1rem;box-sizing:border-box;border:1px solid;background:#3b73b955;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.window{border:2px dashed;background:none}
code{font-family:ui-monospace,monospace;font-size:.9em}
@media (max-width:40rem),screen and (max-width:50rem){
dl{display:block}
dd{margin:0 0 .5rem}
thead{display:none}
table,tbody,tr,td{display:block}
tr{border:1px solid #8888;margin:0 0 .6rem}
td{border:0;min-width:0}
td::before{content:attr(data-label);display:block;font-weight:600}
}
@media print{
body{font-size:11pt;max-width:none;padding:0}
h2{break-after:avoid}
th,td{min-width:6rem}
tr,li,.verdict{break-inside:avoid}
thead{display:table-header-group}
}
`;
