import { beforeEach, describe, expect, it } from '@jest/globals';

import { EraseIdentityCommand } from '../../../../../src/application/commands/erase-identity/erase-identity.command.js';
import { EraseIdentityHandler } from '../../../../../src/application/commands/erase-identity/erase-identity.handler.js';
import type {
  ErasedRows,
  ErasureReport,
  ErasureSubject,
  IIdentityErasure,
} from '../../../../../src/application/ports/identity-erasure.port.js';
import { InProcessPresenceRepository } from '../../../../../src/infrastructure/in-process/in-process-presence.repository.js';
import { ApplicationException } from '../../../../../src/shared/exceptions/application.exception.js';
import { applicationError, domainError } from '../../../expectations.js';

const ERASED: ErasedRows = {
  ...{ events: 4, activeDays: 2, claims: 1, messages: 3, wasInDictionary: true, isInterrupted: false },
  installs: ['install-00000001'],
  failure: null,
};
const NOTHING = { events: 0, activeDays: 0, claims: 0, messages: 0, wasInDictionary: false };

class RecordedErasure implements IIdentityErasure {
  refusal: Error | null = null;
  result = ERASED;
  isUnavailable = false;
  readonly erased: ErasureSubject[] = [];
  readonly reports: Readonly<Record<string, unknown>>[] = [];

  async assertAllowed(): Promise<void> {
    if (this.refusal !== null) throw this.refusal;
  }

  async erase(subject: ErasureSubject): Promise<ErasedRows> {
    this.erased.push(subject);
    return this.result;
  }

  async storeReport(
    _subject: ErasureSubject,
    report: Readonly<Record<string, unknown>>,
  ): Promise<ErasureReport> {
    if (this.isUnavailable) throw new Error('the report cannot be stored');
    this.reports.push(report);
    return { id: '1', receipt: 'a-receipt' };
  }
}

let presence: InProcessPresenceRepository;
let erasure: RecordedErasure;

beforeEach(async () => {
  presence = new InProcessPresenceRepository();
  erasure = new RecordedErasure();
  await presence.updateUserPresence(42n, 1);
});

const erase = (kind: 'user' | 'install', id: string) =>
  new EraseIdentityHandler(presence, erasure).execute(
    new EraseIdentityCommand(kind, id, { signal: new AbortController().signal }),
  );

describe('EraseIdentityHandler', () => {
  it('erases a user with the presence, and reports both', async () => {
    expect(await erase('user', '42')).toEqual({
      ...ERASED,
      wasPresent: true,
      report: { id: '1', receipt: 'a-receipt' },
    });
    expect(erasure.erased).toEqual([{ kind: 'user', id: '42', identity: 'u:42' }]);
    expect(await presence.getUserLastHeartbeat(42n)).toBeNull();
  });

  it('stores a report that names neither the user nor an install', async () => {
    await erase('user', '42');
    const { installs: _installs, failure: _failure, ...counts } = ERASED;
    expect(erasure.reports).toEqual([{ ...counts, wasPresent: true }]);
  });

  describe('when the erasure fails in the middle', () => {
    const failure = new ApplicationException('database_unavailable');

    it('stores a report of what was erased until then, and returns the failure', async () => {
      erasure.result = { ...ERASED, failure };
      expect(await erase('user', '42')).toMatchObject({ failure, events: 4, report: { id: '1' } });
      expect(erasure.reports).toMatchObject([{ events: 4, wasPresent: true, isFailed: true }]);
      expect(JSON.stringify(erasure.reports)).not.toContain('install');
    });

    it('stores a report of the presence alone', async () => {
      erasure.result = { ...ERASED, ...NOTHING, failure };
      expect(await erase('user', '42')).toMatchObject({ failure, wasPresent: true });
      expect(erasure.reports).toMatchObject([{ events: 0, wasPresent: true, isFailed: true }]);
    });

    it('stores no report when nothing was erased', async () => {
      erasure.result = { ...ERASED, ...NOTHING, failure };
      await expect(erase('user', '43')).rejects.toBe(failure);
      expect(erasure.reports).toEqual([]);
    });

    it('throws the failure when the report cannot be stored either', async () => {
      erasure.result = { ...ERASED, failure };
      erasure.isUnavailable = true;
      await expect(erase('user', '42')).rejects.toBe(failure);
    });
  });

  it('erases an install under its normalized id, and no presence', async () => {
    expect(await erase('install', ' install-0042 ')).toMatchObject({ wasPresent: false });
    expect(erasure.erased).toEqual([{ kind: 'install', id: 'install-0042', identity: 'i:install-0042' }]);
    expect(await presence.getUserLastHeartbeat(42n)).toBe(1);
  });

  it('changes nothing without the connection of the owner', async () => {
    erasure.refusal = new ApplicationException('owner_required');
    await expect(erase('user', '42')).rejects.toEqual(applicationError('owner_required', 'forbidden'));
    expect(erasure.erased).toEqual([]);
    expect(await presence.getUserLastHeartbeat(42n)).toBe(1);
  });

  it('erases nothing while the store of presence is unavailable', async () => {
    presence.removeUser = () => Promise.reject(new ApplicationException('redis_unavailable'));
    await expect(erase('user', '42')).rejects.toEqual(applicationError('redis_unavailable', 'unavailable'));
    expect(erasure.erased).toEqual([]);
  });

  it.each([
    ['user', '042', 'user_id_invalid'],
    ['user', 'abc', 'user_id_invalid'],
    ['install', 'short', 'install_id_invalid'],
    ['install', '00000000-0000-0000-0000-000000000000', 'install_id_constant'],
  ] as const)('refuses the %s %s', async (kind, id, code) => {
    await expect(erase(kind, id)).rejects.toEqual(domainError(code));
    expect(erasure.erased).toEqual([]);
  });
});
