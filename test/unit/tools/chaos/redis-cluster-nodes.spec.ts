import { describe, expect, it } from '@jest/globals';
import { readNodes } from '../../../../tools/chaos/stage/redis-cluster-nodes.js';

const ANSWER = `aaa 127.0.0.1:7001@17001 myself,master - 0 1 1 connected 0-2 9 [10->-bbb]
bbb 127.0.0.1:7002@17002,host master,fail - 0 1 2 connected 3
ccc 127.0.0.1:7003@17003 slave aaa 0 1 1 connected
`;

describe('readNodes', () => {
  it('reads ids, ports, roles, failures and slots', () => {
    expect(readNodes(ANSWER)).toEqual([
      { id: 'aaa', port: 7001, isMaster: true, isFailing: false, slots: [0, 1, 2, 9] },
      { id: 'bbb', port: 7002, isMaster: true, isFailing: true, slots: [3] },
      { id: 'ccc', port: 7003, isMaster: false, isFailing: false, masterId: 'aaa', slots: [] },
    ]);
  });
});
