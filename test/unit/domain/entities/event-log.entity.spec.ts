import { describe, expect, it } from '@jest/globals';
import { earlier, eventLog, INSTALL, NOW, TODAY, YESTERDAY } from '../../../support/builders.js';

const MIDNIGHT = new Date('2025-01-15T00:00:00+08:00');

describe('EventLog', () => {
  describe('the DAU identity', () => {
    it('is the user when there is one', () => {
      expect(eventLog({ userId: '9223372036854775807' }).dauIdentifier).toBe('u:9223372036854775807');
    });

    it('is the install otherwise', () => {
      expect(eventLog().dauIdentifier).toBe(`i:${INSTALL}`);
    });

    it('keeps user 12345678 and install 12345678 apart', () => {
      const user = eventLog({ userId: '12345678', installId: 'another-install' });
      const install = eventLog({ installId: '12345678' });
      expect(user.dauIdentifier).not.toBe(install.dauIdentifier);
    });

    it('is the same for one user on two installs', () => {
      const phone = eventLog({ userId: '7', installId: 'the-phone' });
      const tablet = eventLog({ userId: '7', installId: 'the-tablet' });
      expect(phone.dauIdentifier).toBe(tablet.dauIdentifier);
    });
  });

  describe('the day', () => {
    it('trap 1: is the day in Shanghai, also at 17:00 UTC', () => {
      expect(NOW.toISOString()).toBe('2025-01-14T17:00:00.000Z');
      expect(eventLog({ at: NOW }).day).toBe(TODAY);
    });

    it('trap 1: begins at midnight in Shanghai', () => {
      expect(eventLog({ at: MIDNIGHT }).day).toBe(TODAY);
      expect(eventLog({ at: earlier(MIDNIGHT, 1) }).day).toBe(YESTERDAY);
    });

    it('follows the corrected time', () => {
      expect(eventLog({ at: MIDNIGHT, clientTime: new Date(0) }).day).toBe(TODAY);
    });
  });

  it('records whether its time was corrected', () => {
    expect(eventLog({ at: NOW, clientTime: NOW }).isTimeCorrected).toBe(false);
    expect(eventLog({ at: NOW, clientTime: earlier(NOW, 1) }).isTimeCorrected).toBe(true);
  });

  it('moves to the times that another copy has fixed, and stays the same event', () => {
    const event = eventLog({ at: NOW, userId: '42', properties: { province: '广东省' } });
    const moved = event.withTimes({ eventTime: earlier(MIDNIGHT, 1), clientTime: NOW });
    expect(moved).toMatchObject({ day: YESTERDAY, isTimeCorrected: true, clientTime: NOW });
    const { eventId, dauIdentifier, eventName, properties } = event;
    expect(moved).toMatchObject({ eventId, dauIdentifier, eventName, properties });
    expect(moved.sessionStarted?.occurredAt).toEqual(earlier(MIDNIGHT, 1));
  });

  describe('sessionStarted', () => {
    it('is the event of a session start', () => {
      const session = eventLog({
        userId: '42',
        properties: { os: 'harmonyos', osVersion: '5.0', appVersion: '2.4.0', province: '广东' },
      }).sessionStarted;
      expect(session).toMatchObject({
        eventType: 'analytics.session.started',
        userId: 42n,
        installId: INSTALL,
        occurredAt: NOW,
        metadata: { os: 'HarmonyOS', osVersion: '5.0', appVersion: '2.4.0' },
      });
    });

    it('contains only what the client sent', () => {
      const session = eventLog().sessionStarted;
      expect(session?.userId).toBeNull();
      expect(session?.metadata).toStrictEqual({});
    });

    it.each(['app_session_end', 'presence_heartbeat', 'page_view'])('is null for %s', (eventName) => {
      expect(eventLog({ eventName }).sessionStarted).toBeNull();
    });

    it('has the corrected time', () => {
      expect(eventLog({ at: NOW, clientTime: new Date(0) }).sessionStarted?.occurredAt).toEqual(NOW);
    });
  });
});
