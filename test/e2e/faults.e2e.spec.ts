import { afterAll, beforeAll, jest } from '@jest/globals';

import { describeOutageOnset } from './faults/outage-onset.js';
import { describePostgresUnavailable } from './faults/postgres-unavailable.js';
import { describeRedisMisbehaves } from './faults/redis-misbehaves.js';
import {
  describeLiveDauRepair,
  describeRedisUnavailable,
  startRedisScene,
  stopRedisScene,
} from './faults/redis-unavailable.js';
import { describeServiceLifecycle } from './faults/service-lifecycle.js';

// The tests start and end servers and services, which takes long on a busy machine.
jest.setTimeout(60_000);

beforeAll(startRedisScene);
afterAll(stopRedisScene);

// The repair of the live DAU takes up to a minute, so it proceeds in the background of the other tests.
describeRedisUnavailable();
describeOutageOnset();
describeRedisMisbehaves();
describePostgresUnavailable();
describeServiceLifecycle();
describeLiveDauRepair();
