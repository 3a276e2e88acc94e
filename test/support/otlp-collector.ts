import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

import { waitFor } from './processes.js';

/** A span as the collector received it; ids are hexadecimal. */
export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first span of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
}

/** Receives spans by OTLP/HTTP, in protobuf and in JSON, as a collector does. */
export class OtlpCollector {
  readonly spans: CollectedSpan[] = [];
  readonly contentTypes = new Set<string>();
  readonly faults: unknown[] = [];

  private constructor(
    answers: boolean,
    private readonly server = createServer(),
  ) {
    server.on('request', (request, response) => {
      if (!answers) return;
      this.receive(request).then(
        () => response.writeHead(200, { 'content-type': request.headers['content-type'] }).end(),
        (error: unknown) => {
          this.faults.push(error);
          response.writeHead(400).end();
        },
      );
    });
  }

  /** @param options `answers` is false for a collector that takes requests and never answers */
  static async start(options = { answers: true }): Promise<OtlpCollector> {
    const collector = new OtlpCollector(options.answers);
    await new Promise<void>((resolve) => collector.server.listen(0, '127.0.0.1', resolve));
    return collector;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Waits for a span of that name, of a trace when one is given. */
  async span(name: string, traceId?: string): Promise<CollectedSpan> {
    return waitFor(
      () => this.spans.find((span) => span.name === name && (traceId ?? span.traceId) === span.traceId),
      20_000,
      { what: `the span "${name}"` },
    );
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async receive(request: IncomingMessage): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.url !== '/v1/traces') throw new Error(`unexpected path ${request.url}`);
    const type = request.headers['content-type'] ?? '';
    this.contentTypes.add(type);
    const body = Buffer.concat(chunks);
    this.spans.push(...(type === 'application/json' ? spansInJson(body) : spansInProtobuf(body)));
  }
}

interface JsonRequest {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly Partial<CollectedSpan>[] }[];
  }[];
}

function spansInJson(body: Buffer): CollectedSpan[] {
  const { resourceSpans } = JSON.parse(body.toString()) as JsonRequest;
  return resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ traceId = '', spanId = '', parentSpanId = '', name = '' }) => ({
        traceId,
        spanId,
        parentSpanId,
        name,
      })),
    ),
  );
}

/** Numbers of fields in opentelemetry/proto/collector/trace/v1 and trace/v1. */
const FIELDS = { resourceSpans: 1, scopeSpans: 2, spans: 2, traceId: 1, spanId: 2, parentSpanId: 4, name: 5 };

function spansInProtobuf(body: Buffer): CollectedSpan[] {
  return fieldsOf(body, FIELDS.resourceSpans)
    .flatMap((resource) => fieldsOf(resource, FIELDS.scopeSpans))
    .flatMap((scope) => fieldsOf(scope, FIELDS.spans))
    .map((span) => ({
      traceId: fieldsOf(span, FIELDS.traceId)[0]?.toString('hex') ?? '',
      spanId: fieldsOf(span, FIELDS.spanId)[0]?.toString('hex') ?? '',
      parentSpanId: fieldsOf(span, FIELDS.parentSpanId)[0]?.toString('hex') ?? '',
      name: fieldsOf(span, FIELDS.name)[0]?.toString() ?? '',
    }));
}

/** Returns the contents of each length-delimited field with this number. */
function fieldsOf(message: Buffer, wanted: number): Buffer[] {
  const found: Buffer[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message.readUInt8(at++);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const wireType = tag & 7;
    if (wireType === 0) varint();
    else if (wireType === 1) at += 8;
    else if (wireType === 5) at += 4;
    else if (wireType === 2) {
      const length = varint();
      if (tag >>> 3 === wanted) found.push(message.subarray(at, at + length));
      at += length;
    } else throw new Error(`wire type ${wireType} at ${at}`);
  }
  return found;
}
