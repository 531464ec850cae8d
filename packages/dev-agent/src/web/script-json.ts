// Scripts as JSON: what script() takes, with two words for what JSON has not.
//
//   { "repeat": "forever", "step": step }      for repeat: Infinity
//   { "rawBase64": "…" }                        for raw: bytes
import type { ScriptStep } from '../script.ts';

/** As it is where nothing is to be replaced: script() says what is wrong. */
export function scriptFromJson(value: unknown): readonly ScriptStep[] {
  return (Array.isArray(value) ? value.map(stepFromJson) : value) as readonly ScriptStep[];
}

function stepFromJson(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const step: Record<string, unknown> = { ...value };
  if (step.repeat === 'forever') step.repeat = Infinity;
  if ('step' in step) step.step = stepFromJson(step.step);
  if ('then' in step) step.then = stepFromJson(step.then);
  if (typeof step.rawBase64 !== 'string') return step;
  const { rawBase64, ...rest } = step;
  return { ...rest, raw: Buffer.from(rawBase64, 'base64') };
}
