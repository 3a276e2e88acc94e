/** Counts what an erasure took out of the database. */
export interface ErasedRows {
  readonly events: number;
  /** Days on which the identity was active, and still counts without its name. */
  readonly activeDays: number;
  /** Claims of event ids whose clock was corrected. */
  readonly claims: number;
  /** Messages that waited in the outbox. */
  readonly messages: number;
  /** True when the dictionary of identities had it. */
  readonly wasInDictionary: boolean;
  /** Installs from which the events of a user came, at most twenty. */
  readonly installs: readonly string[];
  readonly isInterrupted: boolean;
  /** Error that ended the erasure, or null; what was erased until then is counted, and stays erased. */
  readonly failure: Error | null;
}

export interface ErasureReport {
  readonly id: string;
  /** Proves with the identity that the stored report is about it; stored nowhere. */
  readonly receipt: string;
}

export interface ErasureOptions {
  readonly signal: AbortSignal;
  /** @param day of the log that is searched */
  readonly onProgress?: (day: string, index: number, days: number) => void;
}

/** The user or install whose rows are erased, and the name under which it counts. */
export interface ErasureSubject {
  readonly kind: 'user' | 'install';
  readonly id: string;
  /** `u:42` or `i:…` */
  readonly identity: string;
}

/**
 * Erases an identity while the service runs, with the rights of the owner of the tables. Figures stay: its place in
 * them loses the name. A repeat finishes what was interrupted.
 */
export interface IIdentityErasure {
  /** @throws ApplicationException `owner_required` without the rights of the owner, `database_unavailable` */
  assertAllowed(): Promise<void>;

  /**
   * Returns a failure together with what was erased before it.
   *
   * @throws ApplicationException `owner_required`, `database_unavailable` before anything is erased
   */
  erase(subject: ErasureSubject, options: ErasureOptions): Promise<ErasedRows>;

  /** Stores a report that does not name the subject. */
  storeReport(subject: ErasureSubject, report: Readonly<Record<string, unknown>>): Promise<ErasureReport>;
}

export const IDENTITY_ERASURE = Symbol('IIdentityErasure');
