// The option kerberos: checked, completed, and the package that it needs found.

import { realpathSync } from 'node:fs';
import module from 'node:module';
import path from 'node:path';
import * as v from 'valibot';
import type { KerberosOptions, KerberosSettings } from '../endpoint.ts';
import { kindOf } from '../shown-value.ts';
import { checkOptions, pathOf, wrongOption } from './option-check.ts';

const part = v.optional(
  v.custom<string>(
    (value) => typeof value === 'string' && /^[^/@\s]{1,255}$/.test(value),
    "a part of the agent's principal service/host@REALM, alone",
  ),
);

const kerberosSchema = v.strictObject({
  principal: v.optional(
    v.custom<string>(
      (value) => typeof value === 'string' && /^[^\p{C}\s]{1,255}$/u.test(value),
      'a principal, such as client@REALM',
    ),
  ),
  keytab: v.optional(pathOf("a keytab's path")),
  service: part,
  host: part,
});

/** Options of all agents, each of which has a host of its own. */
export type ResolvedKerberos = Omit<KerberosSettings, 'host'> & { readonly host?: string | undefined };

/** @throws FlumeError `ERR_FLUME_OPTION` naming the option, or the package that is missing */
export function resolveKerberos(name: string, value: unknown): ResolvedKerberos | false | undefined {
  if (value === undefined || value === false) return value;
  if (value !== true && (typeof value !== 'object' || value === null || Array.isArray(value))) {
    throw wrongOption(name, `expected an object, got ${kindOf(value)}`);
  }
  // Tickets are got by a program that Node.js runs, and the executable would run the application once more.
  if (isOneExecutable()) throw wrongOption(name, 'an application in one executable file cannot get tickets');
  const given = value === true ? {} : value;
  const checked = checkOptions(v.strictObject({ [name]: kerberosSchema }), { [name]: given })[name] as KerberosOptions;
  const { principal, keytab, service = 'flume', host } = checked;
  return Object.freeze({ principal, keytab, service, host, packagePath: kerberosPackage(name) });
}

/** Where the optional peer is: beside the application, in which all of this may be bundled. */
function kerberosPackage(option: string): string {
  for (const folder of [programFolder(), process.cwd()]) {
    if (folder === undefined) continue;
    try {
      // Called by its full name, since webpack warns of a createRequire() that it cannot follow.
      return module.createRequire(path.join(folder, 'kerberos')).resolve('kerberos');
    } catch {
      // The next one may have it.
    }
  }
  throw wrongOption(option, 'it needs the package kerberos, which is not installed here: npm install kerberos');
}

function isOneExecutable(): boolean {
  const { getBuiltinModule } = process as { getBuiltinModule?: (name: string) => { isSea(): boolean } | undefined };
  return getBuiltinModule?.('node:sea')?.isSea() === true;
}

function programFolder(): string | undefined {
  const [, program] = process.argv;
  try {
    // By its real path: a command is usually a link.
    return program === undefined ? undefined : path.dirname(realpathSync(program));
  } catch {
    return undefined;
  }
}
