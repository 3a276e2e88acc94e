import type { Platform } from '../ports/platform.js';
import type { HttpResponse } from '../ports/http.js';
import { utf8Length } from '../queue/utf8-length.js';
import { textOf, type Answer } from './answer.js';
import { withTimeout } from './with-timeout.js';

export interface PosterSettings {
  readonly baseUrl: string;
  readonly compressFromBytes: number;
  readonly answerTimeoutMs: number;
  readonly maxRetryAfterMs: number;
}

/** Browsers cancel a request with `keepalive` and a larger body. */
const MAX_KEEPALIVE_BYTES = 60_000;
const UNANSWERED: Answer = { status: 0, code: null, message: '', retryAfterMs: null, body: undefined };

/** Posts JSON to the service. Never rejects: no answer is an answer with status 0. */
export class HttpPoster {
  constructor(
    private readonly platform: Platform,
    private readonly settings: PosterSettings,
  ) {}

  /** @param outlivesPage sends at once, and so uncompressed, what may outlive the page, which does nothing later */
  async post(path: string, text: string, token: string | null, outlivesPage = false): Promise<Answer> {
    const { fetch, startTimer } = this.platform;
    const abort = new AbortController();
    try {
      const keepalive = outlivesPage && utf8Length(text) < MAX_KEEPALIVE_BYTES;
      const body = keepalive ? text : await this.encode(text);
      const exchange = fetch(`${this.settings.baseUrl}${path}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(typeof body !== 'string' && { 'content-encoding': 'gzip' }),
          ...(token !== null && { authorization: `Bearer ${token}` }),
        },
        body,
        signal: abort.signal,
        keepalive,
        redirect: 'manual',
      }).then((response) => this.read(response));
      return await withTimeout(exchange, this.settings.answerTimeoutMs, startTimer);
    } catch {
      return UNANSWERED;
    } finally {
      abort.abort();
    }
  }

  private async encode(text: string): Promise<string | Uint8Array<ArrayBuffer>> {
    const { compress } = this.platform;
    return compress === null || text.length < this.settings.compressFromBytes ? text : compress(text);
  }

  private async read(response: HttpResponse): Promise<Answer> {
    const body = parseJson(await response.text());
    const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json') === true;
    const { code, detail } = Object(body) as Record<string, unknown>;
    return {
      status: response.status,
      code: isProblem && typeof code === 'string' ? code : null,
      message: textOf(detail),
      retryAfterMs: this.readRetryAfter(response),
      body,
    };
  }

  /** Reads seconds or a date; a date is compared with the answer's own, because the device's clock may be wrong. */
  private readRetryAfter({ headers }: HttpResponse): number | null {
    const value = headers.get('retry-after')?.trim() ?? '';
    const waitMs = /^\d+$/.test(value)
      ? Number(value) * 1000
      : Date.parse(value) - Date.parse(headers.get('date') ?? '');
    return Number.isNaN(waitMs) ? null : Math.min(Math.max(0, waitMs), this.settings.maxRetryAfterMs);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
