// The protocols that there are.

import { binaryProtocol } from './binary-protocol.ts';
import { compactProtocol } from './compact-protocol.ts';
import { jsonProtocol } from './json-protocol.ts';
import type { Protocol, ProtocolName } from './protocol.ts';

const protocols: Readonly<Record<ProtocolName, Protocol>> = {
  compact: compactProtocol,
  binary: binaryProtocol,
  json: jsonProtocol,
};

export function protocolNamed(name: ProtocolName): Protocol {
  return protocols[name];
}
