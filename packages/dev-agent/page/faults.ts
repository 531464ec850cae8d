// Faults by click, and what is set now, in plain sight.
import type { Stats } from './api.ts';
import { setScript } from './api.ts';
import { button, byId, say } from './dom.ts';
import { count } from './format.ts';

/** The buttons, in the steps of the control API. */
const faults: readonly { name: string; step: unknown; title: string }[] = [
  { name: 'FAILED', step: 'failed', title: 'Refuse the call, as a full channel does' },
  { name: 'Slow, 2 s', step: { delayMs: 2_000 }, title: 'Take the events, but take two seconds' },
  { name: 'Hang', step: 'stall', title: 'Never answer again on this connection' },
  { name: 'Reset', step: 'reset', title: 'Reset the connection before anything is stored' },
  { name: 'Lose the answer', step: 'reset-after-commit', title: 'Store the events, and reset before the answer' },
  { name: 'Exception', step: 'exception', title: 'Answer with a TApplicationException, as when an interceptor throws' },
];

export function installFaults(): void {
  for (const { name, step, title } of faults) {
    byId('faults').append(button(name, () => void set(name, step), { title }));
  }
  byId('normal').addEventListener('click', () => void set('normal answers', undefined));
}

export function showFaults({ script }: Stats): void {
  const parts = script.steps.map(
    ({ step, left }) => `${step}${left === null ? ' for every call' : left > 1 ? ` × ${count(left)}` : ''}`,
  );
  const text =
    parts.length === 0
      ? ''
      : `The next answers are not normal: ${parts.slice(0, 4).join(', ')}${parts.length > 4 ? ', …' : ''}`;
  // A status that is written anew is read out anew.
  if (byId('banner-text').textContent !== text) byId('banner-text').textContent = text;
  byId('banner').hidden = parts.length === 0;
}

async function set(name: string, step: unknown): Promise<void> {
  const times = document.querySelector<HTMLInputElement>('input[name=repeat]:checked')?.value ?? '1';
  const repeat = times === 'forever' ? times : Number(times);
  await setScript(step === undefined ? [] : [{ repeat, step }]);
  say(`The agent answers with: ${name}`);
}
