// Interceptors of a source, and their work on an event's headers, as far as it can be told without running them.
import type { Component, Source } from './configuration.ts';
import { isType } from './configuration.ts';
import type { Headers } from './selector.ts';

export interface Intercepted {
  readonly headers: Headers;
  /** Interceptors that were passed over: what they do is not known here. */
  readonly unknown: readonly string[];
}

/** @param nowMs the time that the timestamp interceptor puts in, in milliseconds */
export function intercept({ interceptors }: Source, headers: Headers, nowMs: number): Intercepted {
  const changed: Record<string, string> = { ...headers };
  const unknown: string[] = [];
  for (const interceptor of interceptors) {
    const known = effects.find(([shortName, className]) => {
      return isType(interceptor, shortName, `org.apache.flume.interceptor.${className}$Builder`);
    });
    if (known === undefined) unknown.push(`${interceptor.name} (${interceptor.type ?? 'no type'})`);
    else known[2](interceptor, changed, nowMs);
  }
  return { headers: changed, unknown };
}

type Effect = (interceptor: Component, headers: Record<string, string>, nowMs: number) => void;

function put(
  interceptor: Component,
  headers: Record<string, string>,
  name: string,
  value: string,
  keep: boolean,
): void {
  const preserve = text(interceptor, 'preserveExisting', String(keep)).toLowerCase() === 'true';
  if (preserve && Object.hasOwn(headers, name)) return;
  headers[name] = value;
}

const text = ({ settings }: Component, name: string, otherwise: string): string => {
  return settings.get(name)?.value ?? otherwise;
};

const effects: readonly (readonly [shortName: string, className: string, effect: Effect])[] = [
  [
    'timestamp',
    'TimestampInterceptor',
    (of, headers, nowMs) => put(of, headers, text(of, 'headerName', 'timestamp'), String(nowMs), false),
  ],
  ['host', 'HostInterceptor', (of, headers) => put(of, headers, text(of, 'hostHeader', 'host'), '(the agent)', false)],
  [
    'static',
    'StaticInterceptor',
    (of, headers) => put(of, headers, text(of, 'key', 'key'), text(of, 'value', 'value'), true),
  ],
  [
    'remove_header',
    'RemoveHeaderInterceptor',
    (of, headers) => {
      const list = of.settings.get('fromList')?.value.split(javaPattern(text(of, 'fromListSeparator', '\\s*,\\s*')));
      const matching = of.settings.get('matching')?.value;
      const pattern = matching === undefined ? undefined : javaPattern(`^(?:${matching})$`);
      for (const name of Object.keys(headers)) {
        const goes = name === of.settings.get('withName')?.value || list?.includes(name) || pattern?.test(name);
        if (goes) delete headers[name];
      }
    },
  ],
];

/** A pattern that Java and JavaScript write alike; nothing matches where they differ. */
function javaPattern(source: string): RegExp {
  try {
    return new RegExp(source, 'u');
  } catch {
    return /(?!)/;
  }
}
