import { readFileSync } from 'node:fs';
import { cpus, platform, release, totalmem } from 'node:os';

import type { BenchServers } from './bench-servers.js';
import type { Results } from './results.js';

const ROOT = new URL('../../', import.meta.url);
const PACKAGES = ['fastify', '@nestjs/core', 'pg', 'ioredis', 'kafkajs', 'autocannon'];

export function describeMachine(): Results['machine'] {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 1024 ** 3),
    platform: `${platform()} ${release()}`,
  };
}

export async function readVersions({ owner, redis }: BenchServers): Promise<Record<string, string>> {
  const { rows } = await owner.query<{ server_version: string }>('SHOW server_version');
  return {
    Node: process.versions.node,
    PostgreSQL: rows[0]?.server_version.split(' ')[0] ?? 'unknown',
    Redis: /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? 'unknown',
    ...Object.fromEntries(PACKAGES.map((name) => [name, readInstalledVersion(name)])),
  };
}

function readInstalledVersion(name: string): string {
  const text = readFileSync(new URL(`node_modules/${name}/package.json`, ROOT), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
