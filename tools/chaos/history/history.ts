import type { Check } from '../../simulation/verification/check.js';
import type { PlannedFault } from '../plan/fault-plan.js';

/** Times of a history are milliseconds since the start of the load. */
export interface AppliedFault extends PlannedFault {
  readonly appliedMs: number;
  readonly healedMs: number;
  /** The reason why it could not be applied or healed. */
  readonly error?: string;
}

/** An event as a client sent it. */
export type SentEvent = Readonly<Record<string, unknown>>;

/** One request and what came of it. */
export interface Operation {
  readonly atMs: number;
  readonly tookMs: number;
  readonly replica: number;
  readonly client: 'device' | 'probe';
  readonly path: string;
  /** The wall clock at the start of the request, in milliseconds. */
  readonly wallMs: number;
  /** The user of the token. */
  readonly user?: string;
  readonly events?: readonly SentEvent[];
  readonly sentAt?: number;
  /** Absent when there was no response. */
  readonly status?: number;
  readonly hasRetryAfter?: boolean;
  readonly answer?: unknown;
  /** The reason for no response: `aborted` and `timeout` by the client, or the system's error code. */
  readonly reason?: string;
}

/** The end of a replica's process. */
export interface ReplicaExit {
  readonly atMs: number;
  readonly replica: number;
  readonly code: number | null;
  /** The signal that the run sent, or null when the process ended by itself. */
  readonly asked: 'SIGTERM' | 'SIGKILL' | null;
  /** True when it had listened before. */
  readonly hadStarted: boolean;
  readonly lastLines: readonly string[];
}

/** An account that the Identity service announced on Kafka. */
export interface CreatedAccount {
  readonly userId: string;
  /** The instant that the message names; absent in histories of earlier versions. */
  readonly occurredMs?: number;
  /** False when the brokers did not answer: it may be on the topic all the same. */
  readonly isAcknowledged: boolean;
  /** True for a message that no consumer can handle; `userId` then is the mark that it carries. */
  readonly isMalformed?: true;
}

/** The content of the outbox at a moment. */
export interface OutboxSample {
  readonly atMs: number;
  readonly messages: number;
  readonly oldestMs: number;
}

/** A measure of how busy the machine is. */
export interface MachineSample {
  readonly atMs: number;
  /** The load average of one minute, divided by the CPUs. */
  readonly loadPerCpu: number;
  /** The longest delay of the tool's own event loop since the sample before. */
  readonly longestDelayMs: number;
  /** The time since the sample before in which each replica was ready to run and got no CPU. */
  readonly waitedMs?: readonly number[];
  /** The time that one small write to the disk took. */
  readonly syncMs?: number;
}

/** The memory of one process of a replica. */
export interface MemorySample {
  readonly atMs: number;
  readonly replica: number;
  readonly pid: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
}

export interface StoredEvent {
  readonly eventId: string;
  readonly eventMs: number;
  readonly userId: string | null;
  readonly installId: string;
  readonly eventName: string;
  readonly properties: unknown;
}

/** A record of the topic as a subscriber reads it. */
export interface PublishedRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly eventId: string;
  /** The payload of a session. */
  readonly session?: PublishedSession;
}

export interface PublishedSession {
  readonly userId: string | null;
  readonly installId: string;
  readonly occurredAt: string;
}

/** A calculated day, as its row or its records on Kafka say. */
export interface CalculatedDay {
  readonly day: string;
  readonly dauCount: number;
  readonly version: number;
}

/** The figures over several days, as the dashboard shows them. */
export interface SpanFigures {
  /** The whole span first, then its weeks. */
  readonly spans: readonly {
    readonly startDate: string;
    readonly endDate: string;
    readonly activeCount: number;
    readonly newCount: number;
    readonly returningCount: number;
  }[];
  readonly rolling: {
    readonly window: number;
    readonly data: readonly {
      readonly day: string;
      readonly activeCount: number;
      readonly dauCount: number;
    }[];
  };
  readonly lifecycle: readonly {
    readonly day: string;
    readonly dauCount: number;
    readonly newCount: number;
    readonly returningCount: number;
    readonly resurrectedCount: number;
    readonly dormantCount: number;
  }[];
  readonly retention: readonly {
    readonly cohort: 'new' | 'active';
    readonly data: readonly {
      readonly day: string;
      readonly cohortSize: number;
      readonly retained: readonly { readonly after: number; readonly count: number }[];
    }[];
  }[];
}

export interface DayFigures {
  readonly day: string;
  readonly dauCount: number;
  readonly byProvince: Readonly<Record<string, number>>;
  readonly byCity: Readonly<Record<string, number>>;
}

/** The stores and the dashboard once the dust has settled. */
export interface FinalState {
  readonly stored: readonly StoredEvent[];
  readonly published: readonly PublishedRecord[];
  readonly outboxLeft: number;
  readonly days: readonly DayFigures[];
  readonly live: { readonly day: string; readonly dauCount: number; readonly standardError: number };
  readonly online: OnlineReading;
  readonly audit: { readonly exitCode: number | null; readonly output: string };
  /** The rows of calculated days. */
  readonly statistics: readonly CalculatedDay[];
  /** The records of calculated days, as a subscriber reads them. */
  readonly calculated: readonly CalculatedDay[];
  readonly spans: SpanFigures;
  /** The values of the dead letters. */
  readonly deadLetters: readonly string[];
}

/** An online count and the times of its request. */
export interface OnlineReading {
  readonly count: number;
  readonly windowSeconds: number;
  readonly sentMs: number;
  readonly answeredMs: number;
}

/** The size of a replica's log. */
export interface LogVolume {
  readonly replica: number;
  readonly lines: number;
  /** The most lines of one minute. */
  readonly busiestMinute: number;
  /** The message that comes most often. */
  readonly mostFrequent: string;
}

export interface History {
  readonly seed: string;
  readonly replicas: number;
  readonly loadMs: number;
  readonly plan: readonly PlannedFault[];
  readonly faults: readonly AppliedFault[];
  readonly operations: readonly Operation[];
  readonly exits: readonly ReplicaExit[];
  readonly outbox: readonly OutboxSample[];
  readonly accounts: readonly CreatedAccount[];
  readonly machine: readonly MachineSample[];
  readonly memory: readonly MemorySample[];
  readonly logs: readonly LogVolume[];
  /** The verdict of the devices, which know each message that they had to deliver. */
  readonly delivery: readonly Check[];
  readonly final: FinalState;
}
