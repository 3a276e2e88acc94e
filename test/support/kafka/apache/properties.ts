/** Ports of one broker on 127.0.0.1. */
export interface BrokerAddress {
  readonly id: number;
  readonly port: number;
  readonly controllerPort: number;
  readonly securedPort: number;
}

/** A listener with TLS, SASL or both. */
export interface SecuredListener {
  readonly tls?: {
    /** PEM files of the broker's own key and certificate, one after the other */
    readonly keyAndCertificateFile: string;
    /** PEM file of the authorities whose client certificates are accepted; without it none is asked for */
    readonly clientAuthorityFile?: string;
  };
  /** accepted by PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512 */
  readonly sasl?: { readonly username: string; readonly password: string };
}

/** Returns the text of a broker's properties file: a small cluster that starts fast and keeps little. */
export function brokerProperties(
  node: BrokerAddress,
  nodes: readonly BrokerAddress[],
  dataDirectory: string,
  options: {
    readonly secured: SecuredListener | undefined;
    readonly properties: Readonly<Record<string, string>> | undefined;
  },
): string {
  const copies = String(Math.min(3, nodes.length));
  const listeners = [`PLAINTEXT://127.0.0.1:${node.port}`];
  if (options.secured !== undefined) listeners.push(`SECURED://127.0.0.1:${node.securedPort}`);
  const properties: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': String(node.id),
    'controller.quorum.voters': nodes
      .map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`)
      .join(','),
    listeners: [...listeners, `CONTROLLER://127.0.0.1:${node.controllerPort}`].join(','),
    'advertised.listeners': listeners.join(','),
    'listener.security.protocol.map': `PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURED:${protocolOf(options.secured)}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': dataDirectory,
    'num.partitions': '4',
    'default.replication.factor': copies,
    'min.insync.replicas': nodes.length >= 3 ? '2' : '1',
    'offsets.topic.num.partitions': '4',
    'offsets.topic.replication.factor': copies,
    'transaction.state.log.num.partitions': '4',
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    'controlled.shutdown.enable': 'false',
    'log.cleaner.dedupe.buffer.size': '2097152',
    ...securedProperties(options.secured),
    ...options.properties,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

function protocolOf(secured: SecuredListener | undefined): string {
  const sasl = secured?.sasl !== undefined;
  if (secured?.tls !== undefined) return sasl ? 'SASL_SSL' : 'SSL';
  return sasl ? 'SASL_PLAINTEXT' : 'PLAINTEXT';
}

function securedProperties(secured: SecuredListener | undefined): Record<string, string> {
  const name = 'listener.name.secured';
  const properties: Record<string, string> = {};
  if (secured?.tls !== undefined) {
    properties[`${name}.ssl.keystore.type`] = 'PEM';
    properties[`${name}.ssl.keystore.location`] = secured.tls.keyAndCertificateFile;
    if (secured.tls.clientAuthorityFile !== undefined) {
      properties[`${name}.ssl.truststore.type`] = 'PEM';
      properties[`${name}.ssl.truststore.location`] = secured.tls.clientAuthorityFile;
      properties[`${name}.ssl.client.auth`] = 'required';
    }
  }
  if (secured?.sasl !== undefined) {
    const { username, password } = secured.sasl;
    properties[`${name}.sasl.enabled.mechanisms`] = 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512';
    properties[`${name}.plain.sasl.jaas.config`] =
      `org.apache.kafka.common.security.plain.PlainLoginModule required user_${username}="${password}";`;
    for (const mechanism of ['scram-sha-256', 'scram-sha-512']) {
      properties[`${name}.${mechanism}.sasl.jaas.config`] =
        'org.apache.kafka.common.security.scram.ScramLoginModule required;';
    }
  }
  return properties;
}
