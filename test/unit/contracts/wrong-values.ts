const NO_IDS = [
  null,
  42,
  '',
  '0',
  '-1',
  '042',
  '4e2',
  '42 ',
  '４２',
  '9223372036854775808',
  '10000000000000000000',
];
const NO_INSTALLS = [
  null,
  1,
  '',
  'seven-7',
  'i'.repeat(129),
  '😀'.repeat(129),
  'with\nbreak-in-it',
  'with\u0085control',
];
const NO_INSTANTS = [
  null,
  1_795_390_691,
  '2025-01-15',
  '2025-01-14T17:00:00Z',
  '2025-01-14T17:00:00.000',
  '2025-01-15T01:00:00.000+08:00',
  '2025-02-30T00:00:00.000Z',
  '2025-01-14 17:00:00.000Z',
];
const NO_DAYS = [null, 20250115, '2025-1-15', '2025-02-29', '15.01.2025', '2025-01-15T00:00:00.000Z'];
const NO_COUNTS = [null, '7', -1, 1.5, 2 ** 31];

/** Wrong values of every field of every schema. */
export const WRONG: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>> = {
  'analytics.session.started': {
    eventType: [null, 'analytics.session.ended', 'presence.heartbeat.received'],
    occurredAt: NO_INSTANTS,
    payload: [null, [], '{}'],
    'payload.userId': NO_IDS.filter((id) => id !== null),
    'payload.installId': NO_INSTALLS,
    'payload.occurredAt': NO_INSTANTS,
    'payload.metadata': [null, [], 'iOS'],
    'payload.metadata.appVersion': [null, '', 2.4],
    'payload.metadata.os': [null, '', ['iOS']],
    'payload.metadata.osVersion': [null, '', 17],
  },
  'analytics.dau.calculated': {
    eventType: [null, 'analytics.dau'],
    occurredAt: NO_INSTANTS,
    payload: [null, []],
    'payload.day': NO_DAYS,
    'payload.dauCount': NO_COUNTS,
    'payload.version': [...NO_COUNTS, 0],
  },
  'presence.heartbeat.received': {
    eventType: [null, 'analytics.session.started'],
    occurredAt: NO_INSTANTS,
    payload: [null, []],
    'payload.userId': NO_IDS,
    'payload.installId': NO_INSTALLS,
    'payload.occurredAt': NO_INSTANTS,
  },
  'user.account.created': {
    occurredAt: [
      null,
      1_795_390_691,
      '2025-01-15',
      '2025-01-15T01:00:00',
      '2025-02-30T00:00:00Z',
      'yesterday',
    ],
    payload: [null, [], '{}'],
    'payload.userId': [...NO_IDS.filter((id) => id !== 42), 0, -1, 1.5, 2 ** 53],
    'payload.installId': NO_INSTALLS.filter((value) => value !== null),
  },
};
