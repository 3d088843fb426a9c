/// How the page looks: light and dark as the reader's system is, from a telephone's width up, and on
/// paper. Colours have a contrast of 4.5 to 1 at least.
let reportStyle = """
  :root{color-scheme:light dark;--page:#fff;--text:#1b1f24;--soft:#57606a;--line:#d0d7de;--box:#f6f8fa;\
  --link:#0550ae;--good:#116329;--good-box:#dafbe1;--note:#6f4400;--note-box:#fff1c2;--bad:#9b1025;\
  --bad-box:#ffe3e6;--none:#57606a;--none-box:#eef0f2}
  @media (prefers-color-scheme:dark){:root{--page:#0f1419;--text:#e6edf3;--soft:#9aa6b2;--line:#30363d;\
  --box:#171d24;--link:#79b8ff;--good:#7ee787;--good-box:#12301d;--note:#f2cc60;--note-box:#332a08;\
  --bad:#ffa198;--bad-box:#3d1418;--none:#9aa6b2;--none-box:#1d242c}}
  *{box-sizing:border-box}
  body{margin:0 auto;padding:1.5rem 1rem 4rem;max-width:76rem;background:var(--page);color:var(--text);\
  font:16px/1.5 system-ui,sans-serif}
  h1{font-size:1.6rem;margin:0 0 .25rem}
  h2{font-size:1.25rem;margin:2.5rem 0 .75rem;padding-bottom:.25rem;border-bottom:1px solid var(--line)}
  h3{font-size:1rem;margin:1.25rem 0 .5rem}
  p{margin:.5rem 0}
  a{color:var(--link)}
  :focus-visible{outline:3px solid var(--link);outline-offset:2px}
  code,pre,.name{font-family:ui-monospace,monospace;font-size:.875em;overflow-wrap:anywhere}
  .soft{color:var(--soft)}
  .hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
  .skip{position:absolute;left:-999px}.skip:focus{position:static}
  nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin:.75rem 0;padding:0;list-style:none}
  .scroll{overflow-x:auto;border:1px solid var(--line);border-radius:6px}
  table{border-collapse:collapse;width:100%}
  caption{text-align:left;padding:.5rem .75rem;color:var(--soft)}
  th,td{padding:.35rem .75rem;text-align:left;vertical-align:top;border-top:1px solid var(--line)}
  thead th{border-top:0;white-space:nowrap}
  tbody th{font-weight:400}
  tr.project th,tr.project td{background:var(--box);font-weight:600}
  tr.project td{font-weight:400;color:var(--soft);white-space:nowrap}
  .grid td{white-space:nowrap}
  .grid th[scope=row]{position:sticky;left:0;background:var(--page);max-width:45vw}
  .grid tr.project th{position:sticky;left:0;background:var(--box)}
  .mark{display:inline-block;min-width:1.9em;padding:0 .4em;border-radius:4px;text-align:center;\
  text-decoration:none;font-family:ui-monospace,monospace}
  .stack td,.stack th{overflow-wrap:anywhere}
  .stack td:first-child{width:3.5rem;overflow-wrap:normal}
  .stack th[scope=row]{width:40%}
  .stack td:nth-child(3){width:16rem}
  .word{display:inline-block;padding:0 .5em;border-radius:4px}
  .good{color:var(--good);background:var(--good-box)}
  .note{color:var(--note);background:var(--note-box)}
  .bad{color:var(--bad);background:var(--bad-box)}
  .none{color:var(--none);background:var(--none-box)}
  details{margin:.75rem 0;border:1px solid var(--line);border-radius:6px}
  summary{padding:.6rem .75rem;cursor:pointer}
  summary h3{display:inline;margin:0}
  details>div{padding:0 .75rem .75rem}
  .sides{display:grid;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));gap:.5rem;margin:.5rem 0}
  .sides div{min-width:0;border:1px solid var(--line);border-radius:6px}
  .sides h5{margin:0;padding:.35rem .6rem;font-size:.8rem;background:var(--box);color:var(--soft)}
  h4{font-size:.95rem;margin:1rem 0 .25rem}
  pre{margin:0;padding:.5rem .6rem;white-space:pre-wrap}
  svg{max-width:100%;height:auto}
  svg text{fill:var(--text);font:13px ui-monospace,monospace}
  svg path{fill:none;stroke:var(--soft);stroke-width:1.5}
  svg circle{fill:var(--link)}
  @media (max-width:40rem){body{padding:1rem .75rem 3rem}\
  th,td{padding:.3rem .25rem;font-size:.85rem}.mark{min-width:1.5em;padding:0 .2em}\
  .grid{font-size:.9rem}.grid th[scope=row]{max-width:36vw}\
  .stack,.stack tbody{display:block}.stack thead{display:none}\
  .stack tr{display:block;border-top:1px solid var(--line);padding:.5rem 0}\
  .stack td,.stack th[scope=row],.stack td:nth-child(3){display:block;width:auto;border:0;\
  padding:.1rem 0 .1rem 2rem}.stack td:first-child{float:left;width:2rem;padding-left:0}}
  @media print{:root{color-scheme:light}body{max-width:none;font-size:10pt}nav,.skip{display:none}\
  .scroll{overflow:visible;border:0}details{break-inside:avoid;border:0}details>div{display:block}\
  .grid th[scope=row]{position:static}.sides,tr{break-inside:avoid}}
  """
