/** The reading page's only style sheet; its hash stands in the page's policy. */
export const READING_STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1, h2, h3 { line-height: 1.2; }
h2 { border-bottom: 1px solid var(--line); padding-bottom: .3rem; margin-top: 3rem; }
h3 code { font-weight: normal; overflow-wrap: anywhere; }
nav { columns: 2 18rem; }
nav ul { margin: 0 0 1rem; padding-left: 1.2rem; break-inside: avoid; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid var(--line); padding: .3rem .5rem; text-align: left; vertical-align: top; }
pre { background: var(--soft); padding: .6rem; overflow-x: auto; }
code { font-family: ui-monospace, monospace; font-size: .92em; }
.method { display: inline-block; min-width: 4.2rem; }
.scroll { overflow-x: auto; }
`;
