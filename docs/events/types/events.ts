// Generated from docs/events/schemas by "npm run docs:generate"; do not edit.

/**
 * The daily active users of a day were calculated. The highest version of a day is the truth about it. Published at least once, through the outbox. Open at every level: fields may be added. Subscribers ignore what they do not know.
 */
export interface AnalyticsDauCalculated {
  /**
   * Type of the event. The record's key and its header `event-type` repeat it.
   */
  eventType: 'analytics.dau.calculated';
  /**
   * The day and its figure.
   */
  payload: {
    /**
     * The calendar day in Asia/Shanghai.
     */
    day: string;
    /**
     * Distinct users, and installs without a user, that opened the app on that day.
     */
    dauCount: number;
    /**
     * Number of this calculation of the day. It starts at 1 and only rises.
     */
    version: number;
  };
  /**
   * When the day was calculated. ISO 8601 in UTC with milliseconds.
   */
  occurredAt: string;
}

/**
 * A user, or an install that nobody is logged in on, opened the app. Published at least once, through the outbox. Open at every level: fields may be added. Subscribers ignore what they do not know.
 */
export interface AnalyticsSessionStarted {
  /**
   * Type of the event. The record's key and its header `event-type` repeat it.
   */
  eventType: 'analytics.session.started';
  /**
   * The user who opened the app, and the device.
   */
  payload: {
    /**
     * The account of the Identity service as a decimal string, 1 to 2^63 - 1; null when nobody is logged in.
     */
    userId: string | null;
    /**
     * The installation of the app.
     */
    installId: string;
    /**
     * When the app was opened, a wrong device clock corrected; the same instant as the outer `occurredAt`. ISO 8601 in UTC with milliseconds.
     */
    occurredAt: string;
    /**
     * Properties of the app and the device, as the app sent them. A property that the app did not send is absent.
     */
    metadata: {
      /**
       * Version of the app, as the app wrote it.
       */
      appVersion?: string;
      /**
       * Operating system. Android, iOS, iPadOS, HarmonyOS, macOS, Windows and Linux are written like this; others as the app wrote them.
       */
      os?: string;
      /**
       * Version of the operating system, as the app wrote it.
       */
      osVersion?: string;
    };
  };
  /**
   * When the app was opened. ISO 8601 in UTC with milliseconds.
   */
  occurredAt: string;
}

/**
 * The app of a logged-in user is in the foreground. Best effort: there may be gaps. Open at every level: fields may be added. Subscribers ignore what they do not know.
 */
export interface PresenceHeartbeatReceived {
  /**
   * Type of the event. The record's key and its header `event-type` repeat it.
   */
  eventType: 'presence.heartbeat.received';
  /**
   * The user who is online, and the installation.
   */
  payload: {
    /**
     * The account of the Identity service as a decimal string, 1 to 2^63 - 1.
     */
    userId: string;
    /**
     * The installation of the app; `account:<userId>` when a gateway reported the heartbeat without one.
     */
    installId: string;
    /**
     * When the service received the heartbeat; the same instant as the outer `occurredAt`. ISO 8601 in UTC with milliseconds.
     */
    occurredAt: string;
  };
  /**
   * When the service received the heartbeat, by its own clock. ISO 8601 in UTC with milliseconds.
   */
  occurredAt: string;
}

/**
 * The Identity service created an account. The record's key is `user.account.created`. Open at every level: other fields are ignored.
 */
export interface UserAccountCreated {
  /**
   * When the account was created: from 1970 on and at most ten minutes in the future. ISO 8601 (RFC 3339) with a zone.
   */
  occurredAt: string;
  /**
   * The owner of the account.
   */
  payload: {
    /**
     * The account: a whole number from 1 to 2^63 - 1 as a decimal string. A JSON number is taken only if it is a safe integer, at most 2^53 - 1: a larger one has lost digits on the way.
     */
    userId: string | number;
    /**
     * The installation of the app that the account was created on; absent or null when there was none.
     */
    installId?: string | null;
  };
}

/** Every event that the service publishes; `eventType` tells them apart. */
export type PublishedEvent = AnalyticsDauCalculated | AnalyticsSessionStarted | PresenceHeartbeatReceived;
