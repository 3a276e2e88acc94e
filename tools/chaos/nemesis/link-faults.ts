import type { LinkMode } from '../proxy/link-mode.js';
import type { Link } from '../proxy/link.js';
import type { ReplicaLinks } from '../stage/replica-links.js';
import { NOTHING_TO_HEAL, type FaultAction, type Heal } from './fault-action.js';

/** Faults of the network between one replica and one store, and of the brokers. */
export const LINK_FAULTS = {
  'postgres-link.cut': onLink(({ postgres }) => cut(postgres)),
  'postgres-link.silent': onLink(({ postgres }) => silence(postgres)),
  'postgres-link.black-hole': onLink(({ postgres }) => change(postgres, 'black-hole')),
  'postgres-link.slow': onLink(({ postgres }) => change(postgres, 'slow')),
  'postgres-link.coalesce': onLink(({ postgres }) => change(postgres, 'coalesce')),
  'postgres-link.split': onLink(({ postgres }) => change(postgres, 'split')),
  'redis-link.cut': onLink(({ redis }) => cut(redis)),
  'redis-link.silent': onLink(({ redis }) => silence(redis)),
  'redis-link.black-hole': onLink(({ redis }) => change(redis, 'black-hole')),
  'redis-link.slow': onLink(({ redis }) => change(redis, 'slow')),
  'redis-link.coalesce': onLink(({ redis }) => change(redis, 'coalesce')),
  'redis-link.split': onLink(({ redis }) => change(redis, 'split')),
  'kafka-link.cut': onLink(({ kafka }) => cut(kafka)),
  'kafka-link.silent': onLink(({ kafka }) => silence(kafka)),
  'kafka-link.black-hole': onLink(({ kafka }) => change(kafka, 'black-hole')),
  'kafka-link.slow': onLink(({ kafka }) => change(kafka, 'slow')),
  'kafka-link.coalesce': onLink(({ kafka }) => change(kafka, 'coalesce')),
  'kafka-link.split': onLink(({ kafka }) => change(kafka, 'split')),
} as const satisfies Record<string, FaultAction>;

function onLink(begin: (links: ReplicaLinks) => Heal): FaultAction {
  return async ({ stage, replica }) => {
    const links = stage.links[replica];
    if (links === undefined) throw new RangeError(`There is no replica ${String(replica)}`);
    return begin(links);
  };
}

function change(link: Link, mode: LinkMode): Heal {
  link.setMode(mode);
  return async () => {
    link.setMode('pass');
  };
}

function cut(link: Link): Heal {
  const heal = change(link, 'refuse');
  link.cut();
  return heal;
}

function silence(link: Link): Heal {
  link.silenceOpenConnections();
  return NOTHING_TO_HEAL;
}
