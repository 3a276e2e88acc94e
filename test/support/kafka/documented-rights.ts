import { readFileSync } from 'node:fs';

import { AclOperationTypes, AclResourceTypes } from 'kafkajs';

const DOCUMENT = new URL('../../../docs/events/README.md', import.meta.url);
const OPERATIONS = {
  create: AclOperationTypes.CREATE,
  describe: AclOperationTypes.DESCRIBE,
  read: AclOperationTypes.READ,
  write: AclOperationTypes.WRITE,
} as const;

/** A row of the table of rights in docs/events/README.md. */
export interface DocumentedRights {
  readonly type: AclResourceTypes;
  /** The name with the defaults of the variables; Kafka's own for the cluster. */
  readonly name: string;
  readonly isPrefix: boolean;
  readonly service: readonly AclOperationTypes[];
  /** Rights that `dlq:replay` needs in addition. */
  readonly replay: readonly AclOperationTypes[];
}

/** Returns the rights that docs/events/README.md gives to the service on a cluster with access rules. */
export function documentedRights(): DocumentedRights[] {
  const table = /they need:\n\n(?:\|.*\n){2}((?:\|.*\n)+)/.exec(readFileSync(DOCUMENT, 'utf8'))?.[1];
  if (table === undefined) throw new Error('docs/events/README.md has no table of rights');
  return table
    .trim()
    .split('\n')
    .map((line) => {
      const [resource = '', service = '', replay = ''] = line.split('|').slice(1);
      const [, name = 'kafka-cluster'] = /`([^`]+)`/.exec(resource) ?? [];
      return {
        type: typeOf(resource),
        name,
        isPrefix: resource.includes('groups that begin with'),
        service: operationsIn(service),
        replay: operationsIn(replay),
      };
    });
}

function typeOf(resource: string): AclResourceTypes {
  if (resource.includes('the cluster')) return AclResourceTypes.CLUSTER;
  return resource.includes('group') ? AclResourceTypes.GROUP : AclResourceTypes.TOPIC;
}

/** A semicolon begins what brokers before 3.0 needed. */
function operationsIn(cell: string): AclOperationTypes[] {
  const [current = ''] = cell.split(';');
  return Object.entries(OPERATIONS).flatMap(([name, operation]) =>
    new RegExp(`\\b${name}\\b`).test(current) ? [operation] : [],
  );
}
