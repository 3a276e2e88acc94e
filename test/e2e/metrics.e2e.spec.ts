import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { JOBS } from '../../src/application/schedulers/jobs.js';
import { errorCodesIn } from '../../src/shared/exceptions/error-catalogue.js';
import { Deployment } from '../support/deployment.js';
import { request } from '../support/http.js';
import { startKafka, type ProxiedKafka } from '../support/kafka/cluster.js';
import { waitFor } from '../support/processes.js';
import type { Service } from '../support/service.js';

jest.setTimeout(60_000);

/** Their labels come from data: a batch of a partition, a count of cities or days. Another replica may have it. */
const FROM_DATA = [
  ...['analytics_consumer_lag_messages', 'analytics_city_active_users', 'analytics_dau_by_day'],
];
/** Methods that Node's parser accepts and that no route has. */
const RARE_METHODS = ['PROPFIND', 'PURGE', 'MKCOL', 'LOCK', 'SEARCH', 'NOTIFY', 'TRACE', 'ACL', 'REBIND'];

let deployment: Deployment;
let kafka: ProxiedKafka;
let service: Service;
let firstScrape: string;

beforeAll(async () => {
  kafka = await startKafka();
  deployment = await Deployment.create({ redis: true });
  service = await deployment.start({
    KAFKA_BROKERS: kafka.brokers,
    KAFKA_TOPIC_ANALYTICS: 'metrics-analytics',
    KAFKA_TOPIC_IDENTITY: 'metrics-identity',
  });
  firstScrape = await scrape();
});

afterAll(async () => {
  await deployment?.remove();
  await kafka?.stop();
});

async function scrape(): Promise<string> {
  return (await request(`${service.url}/metrics`)).text;
}

/** Returns name and labels of each series, without its value. */
function seriesOf(text: string, prefix = 'analytics_'): string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith(prefix))
    .map((line) => line.replace(/ \S+$/, ''));
}

describe('the first scrape', () => {
  it('has every metric that docs/operations.md names', () => {
    const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const names = new Set(
      Array.from(page.matchAll(/`(analytics_[a-z_]+)(?=[`{[])/g), ([, name]) => name ?? ''),
    );
    // A role and a table.
    for (const other of ['analytics_service', 'analytics_erasures']) names.delete(other);
    expect(names.size).toBeGreaterThan(20);
    const series = seriesOf(firstScrape);
    const missing = [...names].filter(
      (name) =>
        !FROM_DATA.includes(name) &&
        !series.some((each) => new RegExp(`^${name}(_count)?(\\{|$)`).test(each)),
    );
    expect(missing).toEqual([]);
  });

  it('is described in docs/operations.md, metric by metric', () => {
    const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const names = Array.from(firstScrape.matchAll(/^# TYPE (analytics_\w+)/gm), ([, name]) => name ?? '');
    expect(names.filter((name) => !page.includes(`\`${name}`))).toEqual([]);
  });

  it('has every label value that is known at start', () => {
    const series = seriesOf(firstScrape);
    const expected = [
      ...errorCodesIn('event').map((code) => `analytics_events_rejected_total{code="${code}"}`),
      ...['accepted', 'duplicate', 'rejected'].map((result) => `analytics_events_total{result="${result}"}`),
      ...['address', 'install', 'connection'].map((by) => `analytics_requests_limited_total{by="${by}"}`),
      ...['published', 'failed'].map((outcome) => `analytics_outbox_rows_total{outcome="${outcome}"}`),
      ...JOBS.flatMap((job) => [
        ...['done', 'skipped', 'failed'].map(
          (outcome) => `analytics_job_runs_total{job="${job}",outcome="${outcome}"}`,
        ),
        `analytics_job_last_success_timestamp_seconds{job="${job}"}`,
      ]),
      ...['handled', 'skipped', 'dead_lettered'].map(
        (outcome) => `analytics_consumer_messages_total{topic="metrics-identity",outcome="${outcome}"}`,
      ),
      'analytics_consumer_retries_total{topic="metrics-identity"}',
      ...['database', 'redis', 'kafka'].map((name) => `analytics_dependency_up{dependency="${name}"}`),
      ...['500', '503'].map(
        (status) =>
          `analytics_http_request_duration_seconds_count{method="POST",route="/analytics/events",status="${status}"}`,
      ),
    ];
    expect(expected.filter((each) => !series.includes(each))).toEqual([]);
  });

  it('says NaN, not 0, of what nobody has measured yet', () => {
    expect(firstScrape).toMatch(/^analytics_job_last_success_timestamp_seconds\{job="dau-yesterday"\} Nan$/m);
  });
});

describe('the state of the service', () => {
  it('names what runs, and which dependencies are up, without a readiness request', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(firstScrape).toContain(`analytics_build_info{version="${version}",node="${process.version}"} 1`);
    await waitFor(async () => {
      const text = await scrape();
      return ['database', 'redis', 'kafka'].every((name) =>
        text.includes(`analytics_dependency_up{dependency="${name}"} 1`),
      );
    }, 30_000);
  });

  it('has the exact DAU of today', async () => {
    await waitFor(async () => /^analytics_dau_today \d+$/m.test(await scrape()), 30_000);
  });
});

describe('the figures of today and yesterday', () => {
  it('are unknown in the first scrape or counted, and counted soon after the start', async () => {
    expect(seriesOf(firstScrape, 'analytics_province_active_users')).toHaveLength(2 * 35);
    await waitFor(async () => {
      const text = await scrape();
      return [
        /^analytics_rolling_active_users\{window="30",day="yesterday"\} \d+$/m,
        /^analytics_lifecycle_users\{kind="new",day="today"\} \d+$/m,
        /^analytics_province_active_users\{province="广东省",day="today"\} \d+$/m,
        /^analytics_dau_by_day\{date="\d{4}-\d\d-\d\d",state="provisional"\} \d+$/m,
        /^analytics_job_runs_total\{job="figure-metrics",outcome="done"\} [1-9]/m,
      ].every((line) => line.test(text));
    }, 30_000);
  });

  it('say NaN, not 0, of a rate without users', async () => {
    expect(await scrape()).toMatch(/^analytics_retention_ratio\{cohort="new",after="30"\} Nan$/m);
  });
});

describe('the number of series', () => {
  it('does not grow with the methods and paths that clients invent', async () => {
    await storm('first');
    const before = seriesOf(await scrape());
    await storm('second');
    const after = seriesOf(await scrape());
    expect(after.filter((each) => !before.includes(each))).toEqual([]);
    expect(after.length).toBe(before.length);
    expect(after.filter((each) => /PROPFIND|PURGE|\/second/.test(each))).toEqual([]);
  });
});

/** Sends rare methods and invented paths; each round uses other ones. */
async function storm(round: 'first' | 'second'): Promise<void> {
  const methods = RARE_METHODS.filter((_, index) => index % 2 === (round === 'first' ? 0 : 1));
  const paths = [
    '/health/live',
    '/analytics/events',
    `/${round}`,
    `/api/docs/${round}`,
    `/a/${round}?x=${round}`,
  ];
  for (const method of ['GET', 'DELETE', ...methods]) {
    for (const path of paths) await send(method, path);
  }
}

/** Sends a request by hand, because `fetch` refuses most of the methods. */
function send(method: string, path: string): Promise<void> {
  const { hostname, port } = new URL(service.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(`${method} ${path} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`);
    });
    socket.on('error', reject);
    socket.on('close', () => resolve());
    socket.resume();
  });
}
