import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { Deployment } from '../support/deployment.js';
import { event } from '../support/events.js';
import { expectProblem } from '../support/expect-problem.js';
import { postJson, request, signToken, type Answer } from '../support/http.js';
import type { Service } from '../support/service.js';

jest.setTimeout(60_000);

const INTERNAL_KEY = 'the-key-of-the-reporting-service';
const token = signToken({ userId: '1' });
const LONG = 'x'.repeat(300);

let deployment: Deployment;
let service: Service;

beforeAll(async () => {
  deployment = await Deployment.create();
  service = await deployment.start({ INTERNAL_API_KEY: INTERNAL_KEY });
});

afterAll(async () => {
  expect(await deployment.remove()).toEqual([0]);
});

/** Values of JSON that most fields reject, with the words that a message has for them. */
const WRONG: readonly (readonly [value: unknown, seen: string])[] = [
  [undefined, 'it is absent'],
  [null, 'it is null'],
  [{}, 'it is an object'],
  [[], 'it is an array of 0'],
  [true, 'it is the boolean true'],
  [-1, 'it is the number -1'],
  ['', 'it is ""'],
  ['  ', 'it is "  "'],
  [LONG, `it is "${'x'.repeat(40)}…" and has 300 characters`],
];

/** Expects a message that names the field, the rule, the value seen and the next step. */
function expectMessage(message: unknown, field: string, seen: string): void {
  expect(message).toMatch(new RegExp(`^${field} must [^:]+, `));
  const rest = String(message).slice(String(message).indexOf(seen));
  expect([message, rest.startsWith(`${seen}: `) && rest.length > seen.length + 5]).toEqual([message, true]);
}

interface FieldCase {
  readonly field: string;
  /** Descriptions of the values above that this field accepts. */
  readonly accepts?: readonly string[];
}

/** Returns a case for each field and each value that the field rejects. */
function casesOf(fields: readonly FieldCase[]): { field: string; value: unknown; seen: string }[] {
  return fields.flatMap(({ field, accepts = [] }) =>
    WRONG.filter(([, seen]) => !accepts.some((accepted) => seen === accepted)).map(([value, seen]) => ({
      field,
      value,
      seen,
    })),
  );
}

const OPTIONAL = ['it is absent', 'it is null'];

describe('POST /presence/heartbeat', () => {
  const heartbeat = { installId: 'install-1234', appVersion: '2.4.0', clientTs: 1_736_874_000 };
  const send = (body: unknown): Promise<Answer> =>
    postJson(`${service.url}/presence/heartbeat`, body, { token });

  it.each(
    casesOf([
      { field: 'installId' },
      { field: 'appVersion', accepts: ['it is ""', 'it is "  "'] },
      { field: 'clientTs' },
    ]),
  )('says what is wrong with $field when $seen', async ({ field, value, seen }) => {
    const answer = await send({ ...heartbeat, [field]: value });
    expect(answer.status).toBe(400);
    const { errors } = answer.body as { errors: { field: string; message: string }[] };
    expect(errors.map((error) => error.field)).toEqual([field]);
    expectMessage(errors[0]?.message, field, seen);
  });

  it('says of an empty body that each field is absent', async () => {
    const answer = await send({});
    expectProblem(answer, 400, 'request_invalid');
    const { errors } = answer.body as { errors: { field: string; message: string }[] };
    expect(errors.map(({ field }) => field)).toEqual(['installId', 'appVersion', 'clientTs']);
    for (const { field, message } of errors) expectMessage(message, field, 'it is absent');
  });

  it('says of a body that is no object what it is', async () => {
    const { body } = await send([1, 2, 3]);
    expect(body).toMatchObject({
      detail:
        'The body must be a JSON object, it is an array of 3: send one with installId, appVersion, clientTs',
    });
  });
});

describe('POST /analytics/events', () => {
  const send = (body: unknown): Promise<Answer> => postJson(`${service.url}/analytics/events`, body);

  it.each(
    casesOf([
      { field: 'eventName' },
      { field: 'installId' },
      { field: 'clientTs' },
      { field: 'userId', accepts: [...OPTIONAL, 'it is ""'] },
      { field: 'eventId', accepts: OPTIONAL },
      { field: 'properties', accepts: [...OPTIONAL, 'it is an object'] },
    ]),
  )('says what is wrong with $field of an event when $seen', async ({ field, value, seen }) => {
    const { body } = await send({ events: [{ ...event(), [field]: value }] });
    expect(body).toMatchObject({ accepted: 0, rejected: [{ index: 0, field }] });
    const { rejected, errors } = body as { rejected: { message: string }[]; errors: string[] };
    expectMessage(rejected[0]?.message, field, seen);
    expect(errors).toEqual([`Event[0]: ${String(rejected[0]?.message)}`]);
  });

  it.each(casesOf([{ field: 'events' }, { field: 'sentAt', accepts: OPTIONAL }]))(
    'says what is wrong with $field of a batch when $seen',
    async ({ field, value, seen }) => {
      const answer = await send({ events: [event()], [field]: value });
      expectProblem(answer, 400, 'batch_invalid');
      expectMessage((answer.body as { detail: string }).detail, field, seen);
    },
  );

  it('says how many events a batch has beyond 1,000, and to split it', async () => {
    const { body } = await send({ events: Array.from({ length: 1001 }, () => 1) });
    expect(body).toMatchObject({
      detail: 'events must be an array of 1 to 1000 events, it is an array of 1001: split the batch',
    });
  });

  it.each(WRONG.filter(([value]) => value !== undefined && JSON.stringify(value) !== '{}'))(
    'says of an event that is %j that it must be an object',
    async (value, seen) => {
      const { body } = await send({ events: [value] });
      expectMessage((body as { rejected: { message: string }[] }).rejected[0]?.message, 'An event', seen);
    },
  );

  it('does not repeat a token that stands in the wrong field', async () => {
    const { text } = await send({ events: [{ ...event(), eventName: token, userId: `Bearer ${token}` }] });
    expect(text).not.toContain(token.slice(0, 12));
  });
});

describe.each([
  ['/analytics/dau', ['startDate', 'endDate']],
  ['/internal/analytics/dau', ['startDate', 'endDate']],
  ['/presence/online-history', ['startTime', 'endTime', 'interval']],
  ['/analytics/dau/realtime', []],
  ['/presence/online-count', []],
])('GET %s', (path, parameters) => {
  const good: Readonly<Record<string, string>> = {
    startDate: '2025-01-01',
    endDate: '2025-01-15',
    startTime: '2025-01-15T00:00:00Z',
    endTime: '2025-01-16T00:00:00Z',
    interval: '1h',
  };
  const read = (query: Readonly<Record<string, string>>, more = ''): Promise<Answer> =>
    request(`${service.url}${path}?${new URLSearchParams(query).toString()}${more}`, {
      token,
      headers: { 'x-internal-api-key': INTERNAL_KEY },
    });
  const goodQuery = Object.fromEntries(parameters.map((name) => [name, good[name] ?? '']));

  it('answers its own parameters', async () => {
    expect((await read(goodQuery)).status).toBe(200);
  });

  for (const name of parameters) {
    it.each([
      ['', 'it is ""'],
      [' ', 'it is " "'],
      ['yesterday', 'it is "yesterday"'],
      [LONG, `it is "${'x'.repeat(40)}…" and has 300 characters`],
      ...(name === 'interval' ? [] : [[undefined, 'it is absent'] as const]),
    ])(`says what is wrong with ${name}: %j`, async (value, seen) => {
      const { [name]: _, ...others } = goodQuery;
      const answer = await read(value === undefined ? others : { ...goodQuery, [name]: value });
      expectProblem(answer, 400, 'request_invalid');
      expectMessage((answer.body as { detail: string }).detail, name, seen);
    });

    it(`returns 400 when ${name} is given twice`, async () => {
      const answer = await read(goodQuery, `&${name}=${good[name] ?? ''}`);
      expectProblem(answer, 400, 'request_invalid');
    });
  }

  it.each(['unknown', 'provinces', 'installId', 'startdate', 'startDate[]', '_', ''])(
    'returns 400 for the parameter %j, which it does not know',
    async (name) => {
      const answer = await read({ ...goodQuery, [name]: '1' });
      expectProblem(answer, 400, 'request_invalid');
      const { detail } = answer.body as { detail: string };
      expect(detail).toContain(`${JSON.stringify(name)} is no parameter of GET ${path}`);
      expect(detail).toContain(parameters.length === 0 ? 'takes none' : parameters.join(', '));
    },
  );
});

describe('an unknown query parameter', () => {
  it.each(['/presence/heartbeat', '/analytics/events'])('returns 400 at POST %s', async (path) => {
    expectProblem(await postJson(`${service.url}${path}?v=2`, {}, { token }), 400, 'request_invalid');
  });

  it.each(['/presence/online-count', '/analytics/dau', '/internal/analytics/dau'])(
    'is reported at %s only to those who may read it',
    async (path) => {
      expect((await request(`${service.url}${path}?unknown=1`)).status).toBe(401);
    },
  );

  it.each([
    '/health/live',
    '/health/ready',
    '/metrics',
    '/api/docs',
    '/api/docs-json',
    '/api/docs/swagger-ui.css',
  ])('is ignored at %s', async (path) => {
    expect((await request(`${service.url}${path}?probe=1&probe=2`)).status).toBe(200);
  });
});
