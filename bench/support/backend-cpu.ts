import { readFile } from 'node:fs/promises';

import type { PrismaService } from '../../src/infrastructure/persistence/prisma/prisma.service.js';

/** Returns the id of the server process behind the only connection for requests. */
export async function readBackendPid(prisma: PrismaService): Promise<number> {
  const [row] = await prisma.statementForRequest<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  if (row === undefined) throw new Error('PostgreSQL returned no process id.');
  return row.pid;
}

/** Returns the CPU time of a process on this machine, which must run Linux. */
export async function readCpuMicroseconds(pid: number): Promise<number> {
  // The first figure is the time on a CPU in nanoseconds; see sched-stats in the kernel's documentation.
  const [nanoseconds] = (await readFile(`/proc/${pid}/schedstat`, 'utf8')).split(' ');
  return Number(nanoseconds) / 1000;
}
