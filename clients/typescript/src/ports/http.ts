export interface HttpRequest {
  readonly method: 'POST';
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly signal: AbortSignal;
  /** Lets the request outlive the page; browsers allow it for bodies below 64 KiB. */
  readonly keepalive: boolean;
  readonly redirect: 'manual';
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}

/** Sends a request; the global `fetch` is one. Rejects when no answer arrives. */
export type Fetch = (url: string, request: HttpRequest) => Promise<HttpResponse>;

/** Compresses a text with gzip. */
export type Compress = (text: string) => Promise<Uint8Array<ArrayBuffer>>;
