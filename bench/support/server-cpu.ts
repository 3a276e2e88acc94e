import { readdir, readFile } from 'node:fs/promises';

import { asOwner } from '../../test/support/as-owner.js';

/** Length of a tick of /proc in microseconds; every Linux of today uses it. */
const TICK_MICROSECONDS = 10_000;

interface ProcessTimes {
  readonly parent: number;
  /** CPU of the process itself, user and system. */
  readonly own: number;
  /** CPU of its children that have ended. */
  readonly ended: number;
}

/** Returns the process that started the one behind a new connection: the server's postmaster. */
export async function findPostmaster(url: string): Promise<number> {
  return asOwner(url, async (client) => {
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const times = await readTimes(rows[0]?.pid ?? 0);
    if (times === null) throw new Error(`The server of ${new URL(url).host} does not run on this machine.`);
    return times.parent;
  });
}

/** Returns the CPU time of all processes of a server, those that have ended included. */
export async function readServerCpu(postmaster: number): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  let ticks = 0;
  for (const pid of pids) {
    const times = await readTimes(pid);
    if (pid === postmaster) ticks += (times?.own ?? 0) + (times?.ended ?? 0);
    else if (times?.parent === postmaster) ticks += times.own;
  }
  return ticks * TICK_MICROSECONDS;
}

/** Returns the CPU time of one process and its threads, in microseconds. */
export async function readProcessCpu(pid: number): Promise<number> {
  const times = await readTimes(pid);
  if (times === null) throw new Error(`The process ${pid} has ended.`);
  return times.own * TICK_MICROSECONDS;
}

/** Returns null for a process that has ended. */
async function readTimes(pid: number): Promise<ProcessTimes | null> {
  try {
    // The name of the program may hold spaces, and ends at the last parenthesis; then state and parent follow.
    const fields = (await readFile(`/proc/${pid}/stat`, 'utf8'))
      .replace(/^.*\) /s, '')
      .split(' ')
      .map(Number);
    const [, parent = 0] = fields;
    const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15);
    return { parent, own: user + system, ended: endedUser + endedSystem };
  } catch {
    return null;
  }
}
