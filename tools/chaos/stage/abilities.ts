import { kafkaJars } from '../../../test/support/kafka/apache/jars.js';
import type { Store } from '../plan/stores.js';
import { findRelease } from './release.js';
import { canMount } from './small-disk.js';

const NEEDS: Partial<Readonly<Record<Store, { readonly isThere: () => boolean; readonly what: string }>>> = {
  kafka: {
    isThere: () => kafkaJars() !== null,
    what: 'Apache Kafka (Java 17 and Maven, node tools/install-test-services.mjs): its stand-in runs',
  },
  disk: {
    isThere: canMount,
    what: 'the right to mount a file system (root on Linux): the disk is never full',
  },
  release: {
    isThere: () => findRelease() !== undefined,
    what: 'an earlier commit: no replica is upgraded',
  },
};

/** Splits the wanted variants into those that this machine can run and the reasons why it cannot run the others. */
export function limitToMachine(wanted: readonly Store[]): {
  readonly stores: readonly Store[];
  readonly missing: readonly string[];
} {
  const missing = wanted.filter((store) => NEEDS[store]?.isThere() === false);
  return {
    stores: wanted.filter((store) => !missing.includes(store)),
    missing: missing.map((store) => `this machine lacks ${String(NEEDS[store]?.what)}`),
  };
}
