// Kerberos as an agent's endpoint asks for it: its socket, and what to say where it comes to nothing.

import type { Endpoint, KerberosSettings } from '../endpoint.ts';
import { shownText } from '../shown-value.ts';
import { GssapiProcess } from './gssapi-process.ts';
import { SaslSocket, type SaslWords } from './sasl-socket.ts';
import type { Socket } from './socket.ts';

/** A socket that stands once both sides know each other. */
export function kerberosSocket(raw: Socket, endpoint: Endpoint, settings: KerberosSettings): Socket {
  return new SaslSocket(raw, new GssapiProcess(settings), saslWords(endpoint, settings));
}

function saslWords(endpoint: Endpoint, settings: KerberosSettings): SaslWords {
  const option = 'does its source have kerberos = true (else remove the option kerberos)';
  // A source with TLS closes on what is no frame to it; one without waits for the rest of a frame of 16 MB.
  const closed = typeof endpoint.tls === 'object' ? `: ${option}, has it` : ': has it';
  const threads = 'a thread left (threads), or is it a proxy without an agent?';
  return {
    ticket: {
      name: 'Kerberos',
      unanswered: 'no ticket from the KDC',
      whenSilent: ': is the KDC that krb5.conf names reachable?',
      whenClosed: ` before a word was said: has it ${threads}`,
    },
    agent: {
      name: 'Kerberos',
      unanswered: 'no answer to the Kerberos handshake',
      whenSilent: `: ${option}, and a thread left (threads)?`,
      whenClosed: `${closed} ${threads}`,
    },
    gssError: (message) => gssErrorText(message, settings),
    refusal: (text) => refusalText(text, settings),
    stranger: strangerText,
  };
}

// Words before the reason itself.
const preamble = new RegExp(
  '^(?:Unspecified GSS failure\\. +Minor code may provide more information' +
    '|No credentials were supplied, or the credentials were unavailable or inaccessible' +
    '|An invalid name was supplied): ',
);

// The words of MIT Kerberos, and what a user can do about them: the first that matches.
const advice: readonly (readonly [RegExp, (settings: KerberosSettings) => string])[] = [
  [/Ticket expired/, () => 'get a new one with kinit, or set kerberos.keytab, by which tickets are renewed'],
  [
    /No Kerberos credentials available|[Cc]redentials cache.* not found/,
    ({ keytab }) =>
      keytab === undefined
        ? 'get a ticket with kinit (KRB5CCNAME names its cache), or set kerberos.keytab'
        : 'kerberos.keytab is no keytab, or one without a key',
  ],
  [
    /Can't find client principal/,
    ({ keytab }) =>
      keytab === undefined
        ? 'the ticket cache is of another principal: kerberos.principal, or set kerberos.keytab'
        : 'kerberos.keytab has no key of kerberos.principal',
  ],
  [
    /Server .*not found in Kerberos database/,
    ({ service, host }) =>
      `the KDC knows no ${service}/${host}: kerberos.service and kerberos.host are the parts of the agent's agent-principal`,
  ],
  [/Client .*not found in Kerberos database/, () => 'the KDC does not know this client: kerberos.principal'],
  [
    /integrity check failed|Preauthentication failed|Password incorrect/,
    () => 'kerberos.keytab is older than the key in the KDC: make it anew',
  ],
  [/Clock skew|not yet valid/, () => 'the clocks of this machine and the KDC differ'],
  [/Cannot contact any KDC/, () => 'is the KDC that krb5.conf names running, and reachable?'],
  [
    /default realm|Cannot find KDC|format of Kerberos config|Cannot determine realm/,
    () => 'it is set in krb5.conf, or in the file that KRB5_CONFIG names',
  ],
  [/Opening library/, () => 'install the libraries of MIT Kerberos (Debian: libgssapi-krb5-2)'],
  [/Cannot find module|\.node\b/, () => 'the package kerberos cannot be loaded: npm rebuild kerberos'],
];

function gssErrorText(message: string, settings: KerberosSettings): string {
  const reason = message.replace(preamble, '');
  const hint = advice.find(([pattern]) => pattern.test(reason))?.[1](settings);
  return `Kerberos: ${shownText(reason, 300)}${hint === undefined ? '' : ` (${hint})`}`;
}

/** Java says no more than `GSS initiate failed`, whatever the reason; the agent's log has it. */
function refusalText(text: string, { service, host }: KerberosSettings): string {
  return (
    `the agent refuses the ticket: ${shownText(text, 300)} (its log says why: is ${service}/${host} its agent-principal, ` +
    'is its agent-keytab up to date, are the clocks the same?)'
  );
}

function strangerText(bytes: Buffer): string {
  // An alert of TLS: 15, then the version, 03 and more.
  if (bytes[0] === 0x15 && bytes[1] === 0x03) return 'the agent speaks TLS: set the option tls';
  const start = shownText(bytes.toString('latin1', 0, 40));
  return `the answer to Kerberos is "${start}": is it a Flume Thrift source with kerberos = true?`;
}
