import { killConsumerAroundCommit, refuseConnections, revokePrivileges } from './kafka/consumer-scenes.js';
import { publishHeartbeatsOfGateway, publishNoHeartbeats } from './kafka/gateway-scene.js';
import { startBeforeBroker, stopUnderLoad, stopWhileBrokerIsFrozen } from './kafka/lifecycle-scenes.js';
import { separatePoisonMessages } from './kafka/poison-message-scene.js';
import {
  cutConnectionsTwice,
  freezeBroker,
  killRelayBeforeCommit,
  publishFromTwoReplicas,
  readLargeIdsWithKcat,
  replaceBroker,
} from './kafka/relay-scenes.js';
import { runScenes, scene } from './kafka/scene.js';
import { isRealKafka } from '../support/kafka/cluster.js';

// The scenes that wait longest come first.
scene(
  'a consumer records each account once when killed during its transaction or before its offset commit',
  { alone: true },
  killConsumerAroundCommit,
);
scene(
  'a broker that freezes for longer than every time limit loses no event and delays no client',
  { alone: true },
  freezeBroker,
);
scene('connections that are cut and refused twice lose no event', { alone: true }, cutConnectionsTwice);
// The library speaks versions of the protocol that the mock cluster does not have.
if (isRealKafka()) {
  scene(
    'connections of @platformatic/kafka that are cut and refused twice lose no event',
    { alone: true },
    (stage) => {
      stage.client = 'platformatic';
      return cutConnectionsTwice(stage);
    },
  );
}
scene(
  'a database that refuses connections while accounts arrive causes no dead letter',
  {},
  refuseConnections,
);
scene('a database that revokes privileges while accounts arrive causes no dead letter', {}, revokePrivileges);
scene(
  'every poison message among valid ones becomes a dead letter, and no other message does',
  {},
  separatePoisonMessages,
);
scene('a broker that is replaced by another one loses no event', { alone: true }, replaceBroker);
scene(
  'a service that is stopped while its broker is frozen exits in time, and its successor publishes the rest',
  { alone: true },
  stopWhileBrokerIsFrozen,
);
scene(
  'two replicas on one database and topic publish every event, each subject in order',
  { services: 2 },
  publishFromTwoReplicas,
);
scene(
  'a relay that is killed between acknowledgement and removal publishes the batch again',
  {},
  killRelayBeforeCommit,
);
scene(
  'a service that is stopped under load exits with 0, and every accepted event is published',
  {},
  stopUnderLoad,
);
scene(
  'a service that starts before its broker accepts every event and publishes it later',
  { alone: true },
  startBeforeBroker,
);
scene('each heartbeat of a gateway becomes one message', {}, publishHeartbeatsOfGateway);
scene('KAFKA_HEARTBEATS=none publishes sessions alone', {}, publishNoHeartbeats);
scene('a client written in C reads 64-bit ids as they were posted', {}, readLargeIdsWithKcat);

runScenes();
