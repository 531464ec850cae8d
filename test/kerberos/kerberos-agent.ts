// A real Flume agent with kerberos = true, as flume/localhost of a realm.
import { type FlumeAgent, type FlumeAgentOptions, startFlumeAgent } from '../flume/flume-agent.ts';
import { sinkClasspath } from '../flume/maven.ts';
import type { Realm } from './realm.ts';

export const agentPrincipal = 'flume/localhost';

/** @param keytab of flume/localhost */
export function startKerberosAgent(
  realm: Realm,
  keytab: string,
  { properties, ...options }: FlumeAgentOptions = {},
): Promise<FlumeAgent> {
  return startFlumeAgent({
    ...options,
    libraries: [sinkClasspath('hdfs-sink')],
    jvmOptions: [`-Djava.security.krb5.conf=${realm.config}`],
    properties: {
      'sources.r1.kerberos': true,
      'sources.r1.agent-principal': `${agentPrincipal}@${realm.name}`,
      'sources.r1.agent-keytab': keytab,
      ...properties,
    },
  });
}
