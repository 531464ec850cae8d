// Which requests are let in: no web page that somebody visits may read this agent or drive it.
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/**
 * Undefined where a request may pass, else why not.
 *
 * - Host must be an address, or a name of this machine: a page whose own name was made to point here (DNS rebinding) has
 *   another one.
 * - Origin, where there is one, must be ours: with it come requests of other pages' scripts and forms.
 * - Sec-Fetch-Site tells of the rest, such as images and scripts.
 *
 * @param ownName the name that the page is served under, beside addresses and localhost
 */
export function refusal({ headers }: IncomingMessage, ownName: string): string | undefined {
  const host = headers.host ?? '';
  if (!isOwn(host, ownName)) return `Host: expected an address or localhost, got '${shown(host)}'`;
  const { origin } = headers;
  if (origin !== undefined && origin !== `http://${host}`)
    return `Origin: expected none or http://${host}, got '${shown(origin)}'`;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    return 'Sec-Fetch-Site: another page made this request';
  return undefined;
}

function isOwn(host: string, ownName: string): boolean {
  const [, bracketed, plain = ''] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]/@]+))(?::\d{1,5})?$/i.exec(host) ?? [];
  if (bracketed !== undefined) return isIP(bracketed) === 6;
  const name = plain.toLowerCase();
  return name === 'localhost' || name === ownName.toLowerCase() || isIP(name) === 4;
}

const shown = (text: string | string[]): string => String(text).slice(0, 100);
