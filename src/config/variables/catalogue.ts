import { applicationSection } from './application.variables.js';
import { clientSection } from './client.variables.js';
import { eventSection } from './event.variables.js';
import { kafkaSecuritySection } from './kafka-security.variables.js';
import { kafkaSection } from './kafka.variables.js';
import { liveSection } from './live.variables.js';
import { postgresSection } from './postgres.variables.js';
import { redisSection } from './redis.variables.js';
import { tokenSection } from './token.variables.js';
import { tracingSection } from './tracing.variables.js';
import type { Section, Variable } from './variable.js';

/** All variables that the service reads, in the order of the documentation. */
export const SECTIONS = [
  applicationSection,
  postgresSection,
  redisSection,
  tokenSection,
  clientSection,
  liveSection,
  kafkaSection,
  kafkaSecuritySection,
  eventSection,
  tracingSection,
] as const satisfies readonly Section[];

export const VARIABLES: Readonly<Record<string, Variable<unknown>>> = Object.fromEntries(
  SECTIONS.flatMap(({ variables }: Section) => Object.entries(variables)),
);

/** The variables whose values no message repeats, and which a file may hold. */
export const SECRET_VARIABLES: ReadonlySet<string> = new Set(
  Object.entries(VARIABLES).flatMap(([name, { type }]) => (type.isSecret === true ? [name] : [])),
);

type Intersection<Union> = (Union extends unknown ? (each: Union) => void : never) extends (
  all: infer All,
) => void
  ? All
  : never;
type Variables = Intersection<(typeof SECTIONS)[number]['variables']>;

/** The values of all variables, by name. */
export type Environment = {
  readonly [Name in keyof Variables]: Variables[Name] extends Variable<infer Value> ? Value : never;
};
