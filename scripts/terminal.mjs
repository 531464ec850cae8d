// Writes docs/images/demo.svg: a real run of `npm run demo` as a terminal shows it, each line at the moment when it came.
// Needs script(1), since the demo has colours on a terminal only.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const [columns, cellWidth, lineHeight, margin] = [100, 8.4, 19, 18];
const classes = { 1: 'b', 2: 'd', 31: 'r', 32: 'g', 33: 'y', 36: 'c' };
const ends = { 22: ['b', 'd'], 39: ['r', 'g', 'y', 'c'] };

const escape = '\u001b';
// As `ESC[1;32m`.
const colour = new RegExp(`(${escape}\\[[\\d;]*m)`);

const lines = await record();
writeFileSync(path.join(root, 'docs/images/demo.svg'), drawing(lines));

/** @returns the lines as they stood in the end, and when each came, in milliseconds */
async function record() {
  const command = `stty cols ${columns}; ${process.execPath} --import tsx examples/demo/demo.ts`;
  const env = { ...process.env, TERM: 'xterm-256color', NO_COLOR: undefined };
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const startedMs = performance.now();
  const seen = [{ text: '', ms: 0 }];
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    const ms = performance.now() - startedMs;
    for (const [index, piece] of chunk.replaceAll('\r\n', '\n').split('\n').entries()) {
      if (index > 0) seen.push({ text: '', ms });
      const last = seen.at(-1);
      // A line that is drawn again replaces itself.
      const [first, ...again] = piece.split('\r');
      last.text = again.length > 0 ? again.at(-1) : last.text + first;
      last.ms = ms;
    }
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`the demo ended with ${code}`);
  const kept = seen.map(({ text, ms }) => ({ text: text.replaceAll(`${escape}[2K`, ''), ms }));
  return withoutPaths(kept).slice(0, kept.findLastIndex(({ text }) => text !== '') + 1);
}

/** Leaves out an event whose stack names folders of the machine, to the empty line behind it. */
function withoutPaths(lines) {
  const kept = [];
  for (let index = 0; index < lines.length; ) {
    const end = lines.findIndex(({ text }, at) => at >= index && text === '');
    const block = lines.slice(index, end === -1 ? lines.length : end + 1);
    if (!block.some(({ text }) => /"stack":|node_modules/.test(text))) kept.push(...block);
    index += block.length;
  }
  return kept;
}

function drawing(lines) {
  const [width, height] = [columns * cellWidth + 2 * margin, lines.length * lineHeight + 2 * margin + 30];
  const rows = lines.map(({ text, ms }, index) => {
    const y = margin + 30 + (index + 0.75) * lineHeight;
    return `<text class="line" style="animation-delay:${Math.round(ms)}ms" x="${margin}" y="${y.toFixed(1)}" xml:space="preserve">${spans(text)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="npm run demo: two applications log to a development agent, and every record arrives">
<style>
  .page { fill: #16191f } .bar { fill: #2a2f38 } .title { fill: #aab2bd; font: 13px system-ui, sans-serif }
  text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #e6edf3 }
  .b { font-weight: 700 } .d { fill: #8b949e } .r { fill: #ff7b72 } .g { fill: #56d364 } .y { fill: #e3b341 } .c { fill: #58c7e0 }
  .line { opacity: 0; animation: come 1ms linear forwards } @keyframes come { to { opacity: 1 } }
  @media (prefers-reduced-motion: reduce) { .line { opacity: 1; animation: none } }
</style>
<rect class="page" width="${width}" height="${height}" rx="10"/><path class="bar" d="M0 10a10 10 0 0 1 10-10h${width - 20}a10 10 0 0 1 10 10v22H0z"/>
<circle cx="20" cy="16" r="5" fill="#ff5f57"/><circle cx="38" cy="16" r="5" fill="#febc2e"/><circle cx="56" cy="16" r="5" fill="#28c840"/>
<text class="title" x="${width / 2}" y="21" text-anchor="middle">npm run demo</text>
${rows.join('\n')}
</svg>
`;
}

function spans(text) {
  const on = new Set();
  let drawn = '';
  for (const part of text.split(colour)) {
    if (!part.startsWith(escape)) {
      if (part !== '') drawn += `<tspan${on.size > 0 ? ` class="${[...on].join(' ')}"` : ''}>${escaped(part)}</tspan>`;
      continue;
    }
    for (const code of part.slice(2, -1).split(';').map(Number)) {
      if (classes[code]) on.add(classes[code]);
      for (const name of ends[code] ?? []) on.delete(name);
    }
  }
  return drawn;
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
