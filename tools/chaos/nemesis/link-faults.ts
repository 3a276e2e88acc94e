import type { LinkMode } from '../proxy/link-mode.js';
import type { TcpProxy } from '../proxy/tcp-proxy.js';
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
  'kafka-link.cut': onLink(({ kafka }) => {
    kafka.interrupt();
    return async () => {
      kafka.restore();
    };
  }),
  'kafka-link.black-hole': onLink(({ kafka }) => {
    kafka.freeze();
    return async () => {
      kafka.thaw();
    };
  }),
  'kafka.freeze': async ({ stage: { kafka } }) => {
    kafka.pause();
    return async () => {
      kafka.resume();
    };
  },
} as const satisfies Record<string, FaultAction>;

function onLink(begin: (links: ReplicaLinks) => Heal): FaultAction {
  return async ({ stage, replica }) => {
    const links = stage.links[replica];
    if (links === undefined) throw new RangeError(`There is no replica ${String(replica)}`);
    return begin(links);
  };
}

function change(link: TcpProxy, mode: LinkMode): Heal {
  link.setMode(mode);
  return async () => {
    link.setMode('pass');
  };
}

function cut(link: TcpProxy): Heal {
  const heal = change(link, 'refuse');
  link.cut();
  return heal;
}

function silence(link: TcpProxy): Heal {
  link.silenceOpenConnections();
  return NOTHING_TO_HEAL;
}
