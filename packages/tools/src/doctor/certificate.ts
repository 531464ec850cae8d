// A peer's certificate in one line.

import type { DetailedPeerCertificate } from 'node:tls';
import { escaped } from 'flume-thrift-client/commands';

const maxNames = 5;

export function certificateText({ subject, issuer, subjectaltname, valid_to }: DetailedPeerCertificate): string {
  const own = nameOf(subject);
  const names = subjectaltname?.split(', ') ?? [];
  const shown = names.length > maxNames ? [...names.slice(0, maxNames), `… ${names.length} in all`] : names;
  const signer = own === nameOf(issuer) ? 'signed by itself' : `signed by ${nameOf(issuer)}`;
  const text = `${own}${shown.length === 0 ? '' : ` (${shown.join(', ')})`}, ${signer}, valid until ${valid_to}`;
  return escaped(text.slice(0, 500));
}

function nameOf(name: DetailedPeerCertificate['subject'] | undefined): string {
  const { CN = '', O = '' } = (name ?? {}) as { CN?: string | string[]; O?: string | string[] };
  return String(CN) || String(O) || 'without a name';
}
