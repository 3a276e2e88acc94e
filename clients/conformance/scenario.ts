import type { Ability } from './protocol.js';
import type { RuleId } from './rules.js';
import type { Stage } from './stage.js';

export interface Scenario {
  readonly name: string;
  /** Rules that it judges, beside those that every scenario judges. */
  readonly rules: readonly RuleId[];
  /** Ability that it needs beside those that its rules need. */
  readonly needs?: Ability;
  readonly play: (stage: Stage) => Promise<void>;
}
