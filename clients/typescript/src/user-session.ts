/** A logged-in user, as the app knows it. */
export interface UserSession {
  /** Decimal string from "1" to "9223372036854775807". */
  readonly userId: string;
  /**
   * Returns a token of this user, or null when there is none. `refused` is a token that the service refused:
   * return another one then. A rejection means "try later". At most one call is in flight.
   */
  readonly token: (refused: string | null) => Promise<string | null>;
}
