/** The page's style. The policy of the page identifies it by its hash, so elements cannot have their own style. */
export const style = `
:root { color-scheme: light; --back: #fff; --raised: #f6f8fa; --line: #d0d7de; --text: #1f2328; --faint: #57606a; --link: #0757b5; --focus: #0757b5;
  --good: #116329; --warn: #7d4e00; --bad: #b3141c; --mark: #fff3c4; --empty: #eceff3;
  --past: #8dbb97; --live: #1a7f37; --new: #fff; --held: #d4920b; --archived: #3f7fd0; --dropped: #d0d7de; --missing: #cf222e }
@media (prefers-color-scheme: dark) { :root:not([data-theme=light]) { color-scheme: dark; --back: #0d1117; --raised: #161b22; --line: #343b44; --text: #e6edf3; --faint: #9da7b3;
  --link: #6cb2ff; --focus: #6cb2ff; --good: #56d364; --warn: #e3b341; --bad: #ff8078; --mark: #4b3a05; --empty: #1d232c;
  --past: #2f5a3a; --live: #3fb950; --new: #0d1117; --held: #e3b341; --archived: #589cf0; --dropped: #343b44; --missing: #ff6a60 } }
:root[data-theme=dark] { color-scheme: dark; --back: #0d1117; --raised: #161b22; --line: #343b44; --text: #e6edf3; --faint: #9da7b3;
  --link: #6cb2ff; --focus: #6cb2ff; --good: #56d364; --warn: #e3b341; --bad: #ff8078; --mark: #4b3a05; --empty: #1d232c;
  --past: #2f5a3a; --live: #3fb950; --new: #0d1117; --held: #e3b341; --archived: #589cf0; --dropped: #343b44; --missing: #ff6a60 }
* { box-sizing: border-box }
html { scroll-padding-top: 5rem }
body { margin: 0; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", sans-serif; display: grid;
  grid-template: "head head" auto "nav main" 1fr / 15rem minmax(0, 1fr) }
a { color: var(--link); text-decoration: none }
a:hover { text-decoration: underline }
dd a, p a, .verdict a { text-decoration: underline }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px }
code, .version { font: .9em/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: break-word }
h1, h2, h3, h4 { line-height: 1.25; overflow-wrap: break-word }
h1 { font-size: 1.15rem; margin: 0 }
h2 { font-size: 1.5rem; margin: 2.5rem 0 1rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line) }
h3 { font-size: 1.2rem; margin: 2rem 0 .25rem }
h4 { font-size: 1rem; margin: 0 }
h4 a { color: inherit }
small { font-weight: 400; color: var(--faint); font-size: .95em }
ul { padding-left: 1.25rem }
.facts { color: var(--faint); margin: .1rem 0 .5rem; overflow-wrap: break-word }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
.skip { position: absolute; left: -100vw; z-index: 9; background: var(--back); padding: .5rem 1rem }
.skip:focus { left: .5rem; top: .5rem }
header { grid-area: head; position: sticky; top: 0; z-index: 5; display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: center; padding: .6rem 1.25rem; background: var(--raised);
  border-bottom: 1px solid var(--line) }
header .facts { margin: 0; flex: 1 1 12rem; font-size: .9rem }
search { position: relative; flex: 0 1 24rem; display: block }
search[hidden] { display: none }
input { width: 100%; font: inherit; color: inherit; background: var(--back); border: 1px solid var(--faint); border-radius: 6px; padding: .3rem .6rem }
::placeholder { color: var(--faint); opacity: 1 }
button { font: inherit; font-size: .9rem; color: inherit; background: var(--back); border: 1px solid var(--faint); border-radius: 6px; padding: .3rem .7rem; cursor: pointer }
#hits { position: absolute; right: 0; left: 0; max-height: 60vh; overflow: auto; margin: .25rem 0 0; padding: .25rem; list-style: none; background: var(--back); border: 1px solid var(--line);
  border-radius: 6px; box-shadow: 0 8px 24px #0004 }
#hits li { padding: .25rem .5rem; border-radius: 4px; cursor: pointer; overflow-wrap: break-word }
#hits li[aria-selected=true] { background: var(--mark) }
nav { grid-area: nav; position: sticky; top: 3.4rem; align-self: start; max-height: calc(100vh - 3.4rem); overflow: auto; padding: 1rem .75rem 2rem 1.25rem; font-size: .92rem }
nav ul { list-style: none; margin: 0; padding: 0 }
nav ul ul { padding-left: .75rem; margin-bottom: .35rem }
nav li { padding: .12rem 0; overflow-wrap: break-word }
.count { color: var(--faint); font-size: .85em; font-variant-numeric: tabular-nums }
main { grid-area: main; padding: 0 1.5rem 4rem; max-width: 84rem; min-width: 0 }
main:focus { outline: none }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(7.5rem, 1fr)); gap: .75rem; list-style: none; padding: 0 }
.tile { border: 1px solid var(--line); border-radius: 8px; padding: .6rem .8rem; background: var(--raised) }
.tile a { display: block; color: inherit }
.tile strong { display: block; font-size: 1.6rem; line-height: 1.2; font-variant-numeric: tabular-nums }
.tile span { font-size: .9rem }
.tile.bad span, .tile.bad strong { color: var(--bad) }
.tile.warn strong { color: var(--warn) }
.tile.good strong { color: var(--good) }
.verdict { border: 1px solid; border-radius: 8px; padding: .25rem 1rem; margin-top: 1.5rem }
.verdict h2 { margin: .4rem 0; padding: 0; border: 0; font-size: 1.3rem }
.verdict ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .1rem 1.5rem; margin: 0 0 .5rem; color: var(--text) }
.verdict.bad { color: var(--bad) } .verdict.warn { color: var(--warn) } .verdict.good { color: var(--good) }
.gaps { border: 1px solid var(--warn); border-radius: 8px; padding: 0 1rem .25rem; margin-top: 1.5rem }
.gaps h2 { margin: .75rem 0 .25rem; border: 0; font-size: 1.1rem; color: var(--warn) }
.note { color: var(--warn) }
figure { margin: 1rem 0 }
.zoom { margin: 0 0 .4rem } .zoom button { min-width: 2rem }
figcaption { color: var(--faint); font-size: .88rem }
.scroll { overflow: auto; border: 1px solid var(--line); border-radius: 8px; max-height: 80vh }
.diagram { display: block; font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace }
.diagram text { fill: var(--text) }
.diagram .name { font-weight: 700; font-size: 12.5px }
.diagram .foreign { fill: var(--link) }
.diagram .more { fill: var(--faint) }
.diagram .box { fill: var(--raised); stroke: var(--faint) }
.diagram .other { fill: var(--back); stroke-dasharray: 4 3 }
.diagram a:hover .box, .diagram a:focus-visible .box { stroke: var(--focus); stroke-width: 2 }
.edge, .foot { fill: none; stroke: var(--faint); stroke-width: 1.3 }
.logical { stroke-dasharray: 5 4 }
.index { display: flex; flex-wrap: wrap; gap: 0 1.5rem; list-style: none; padding: 0; font-size: .92rem }
.index li { min-width: 13rem; max-width: 100%; overflow-wrap: break-word }
.table { margin: 1.25rem 0; padding: .8rem 1rem; border: 1px solid var(--line); border-radius: 8px; content-visibility: auto; contain-intrinsic-size: auto 30rem }
.table:target { border-color: var(--focus); box-shadow: 0 0 0 1px var(--focus) }
table { width: 100%; border-collapse: collapse; font-size: .92rem }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-top: 1px solid var(--line); overflow-wrap: break-word }
thead th { border: 0; color: var(--faint); font-weight: 600; font-size: .88rem }
tbody th { font-weight: 600 }
.table th:nth-child(1) { width: 22% } .table th:nth-child(2) { width: 18% } .table th:nth-child(3) { width: 17% } .table th:nth-child(5) { width: 9.5rem }
.null, .version { color: var(--faint) }
.null { font-size: .8em }
.tag { display: inline-block; font-size: .78rem; font-weight: 400; line-height: 1.35; padding: 0 .4em; border: 1px solid var(--line); border-radius: 9px; color: var(--faint); white-space: nowrap }
.lists { display: flex; flex-wrap: wrap; gap: .25rem 2rem; margin: .75rem 0 0; font-size: .9rem }
.lists dt { color: var(--faint); font-weight: 600; font-size: .88rem }
.lists dd { margin: 0; overflow-wrap: break-word }
.lists > div { min-width: 0; max-width: 100% }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; list-style: none; padding: 0; margin: .25rem 0 .6rem; font-size: .9rem }
.calendar { overflow-x: auto; padding: .4rem; margin: 0 -.4rem; border-radius: 6px; max-width: calc(100% + .8rem) }
.line { display: flex; gap: .5rem; align-items: center; margin-bottom: 3px }
.line .label { color: var(--faint); font-size: .8rem; width: 2.4rem; flex: none; font-variant-numeric: tabular-nums }
.row { display: grid; grid-auto-flow: column; grid-auto-columns: 11px; gap: 2px; justify-content: start }
.row i, .legend i { width: 11px; height: 11px; border-radius: 2px; display: inline-block; background: var(--empty) }
.day .row { grid-template-rows: repeat(7, 11px) }
.day .line { margin-bottom: 10px }
.month .row, .quarter .row, .year .row { grid-auto-columns: 16px }
.month i, .quarter i, .calendar.year i { width: 16px; height: 16px }
.months span { width: 16px; font-size: .65rem; color: var(--faint); text-align: center }
.week .months span, .day .months span { width: 11px; white-space: nowrap; text-align: left }
.day .row.months { grid-template-rows: none }
.day .line:has(.months) { margin-bottom: 0 }
.keys { display: flex; flex-wrap: wrap }
i.p { background: var(--past) } i.l { background: var(--live) } i.n { background: var(--new); border: 2px solid var(--live) } i.a { background: var(--archived) }
i.h { background: repeating-linear-gradient(45deg, var(--held) 0 3px, var(--back) 3px 5px); border: 1px solid var(--held) } i.d { background: none; border: 1px solid var(--dropped) }
i.m { background: linear-gradient(45deg, transparent 42%, var(--missing) 42% 58%, transparent 58%), linear-gradient(-45deg, transparent 42%, var(--missing) 42% 58%, transparent 58%); border: 1.5px solid var(--missing) }
i.on { outline: 2px solid var(--text); outline-offset: 1px }
output.shard { display: block; min-height: 1.5rem; font-size: .9rem; color: var(--faint) }
summary { cursor: pointer }
.runs .duration, .runs time, .outcome { white-space: nowrap }
.bar { vertical-align: middle } .bar rect { fill: var(--archived) }
.findings { list-style: none; padding: 0 }
.findings li { padding: .6rem 0; border-top: 1px solid var(--line) }
.findings li:first-child { border: 0; padding-top: 0 }
.findings p { margin: .15rem 0; overflow-wrap: break-word }
.place { color: var(--faint); overflow-wrap: break-word }
.next { color: var(--faint) }
.severity, .outcome, .state { font-weight: 600; font-size: .9rem }
.error, .failed, .unread { color: var(--bad) } .warning, .stopped, .differs { color: var(--warn) } .done, .as-declared, .good { color: var(--good) } .hint, .running { color: var(--link) }
@media screen and (max-width: 52rem) {
  body { grid-template: "head" auto "nav" auto "main" 1fr / minmax(0, 1fr) }
  header { position: static; padding: .6rem 1rem }
  search { flex: 1 1 100% }
  html { scroll-padding-top: 1rem }
  nav { position: static; max-height: none; padding: .75rem 1rem 0 }
  nav > ul { display: flex; flex-wrap: wrap; gap: 0 1rem }
  nav ul ul { display: none }
  main { padding: 0 1rem 3rem }
  .table { padding: .7rem .75rem }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
  tbody tr { display: flex; flex-wrap: wrap; gap: 0 .75rem; padding: .4rem 0; border-top: 1px solid var(--line) }
  tbody th, tbody td { border: 0; padding: 0; width: auto !important; min-width: 0; max-width: 100% }
  tbody td:empty { display: none }
  .table tbody td:nth-child(4) { flex: 1 1 100% }
  .runs tbody th { flex: 1 1 100% }
  .runs tbody td { font-size: .9rem }
}
@media print {
  @page { margin: 14mm 12mm }
  :root, :root:not([data-theme=light]), :root[data-theme=dark] { color-scheme: light; --back: #fff; --raised: #fff; --line: #bbb; --text: #000; --faint: #444; --link: #000; --good: #000; --warn: #000; --bad: #000;
    --past: #8dbb97; --live: #1a7f37; --new: #fff; --held: #d4920b; --archived: #3f7fd0; --dropped: #d0d7de; --missing: #cf222e }
  body { display: block; font-size: 9.5pt }
  header { position: static; border: 0; padding: 0 }
  nav, search, #theme, .skip, output.shard, .index, .zoom { display: none !important }
  main { padding: 0; max-width: none }
  h2 { margin-top: 1.5rem }
  h2, h3, h4, .facts, .legend, summary, dt { break-after: avoid }
  .table { content-visibility: visible; border: 0; padding: 0 }
  thead { display: table-header-group }
  table { font-size: 8.5pt }
  .table th:nth-child(2) { width: 19% } .table th:nth-child(3) { width: 21% } .table th:nth-child(5) { width: 8rem }
  .runs td:last-child { white-space: nowrap }
  tr, figure, .family, .findings li, .lists > div, .tile { break-inside: avoid }
  summary { list-style: none; font-weight: 600 }
  .scroll, .calendar { overflow: visible; max-height: none; border: 0 }
  .diagram { max-width: 100%; max-height: 230mm; height: auto }
  .week .row i, .day .row i { width: 9px; height: 9px }
  .day .row { grid-template-rows: repeat(7, 9px) }
  .week .months span, .day .months span { width: 9px; font-size: 6px }
  .week .row, .day .row { gap: 2px; grid-auto-columns: 9px }
  i, .bar rect { print-color-adjust: exact; -webkit-print-color-adjust: exact }
}
`
