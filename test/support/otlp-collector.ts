import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

import { waitFor } from './processes.js';

/** A span as the collector received it; ids are hexadecimal. */
export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first span of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  /** Attributes of the process that recorded it; those that are no text are empty. */
  readonly resource: Readonly<Record<string, string>>;
  /** True when its status is an error. */
  readonly hasFailed: boolean;
}

/** Receives spans by OTLP/HTTP, in protobuf and in JSON, as a collector does. */
export class OtlpCollector {
  readonly spans: CollectedSpan[] = [];
  readonly contentTypes = new Set<string>();
  /** Headers of each request. */
  readonly headers: IncomingHttpHeaders[] = [];
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
    this.headers.push(request.headers);
    const body = Buffer.concat(chunks);
    this.spans.push(...(type === 'application/json' ? spansInJson(body) : spansInProtobuf(body)));
  }
}

interface JsonAttribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}

interface JsonRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly JsonAttribute[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<CollectedSpan, 'hasFailed' | 'resource' | 'parentSpanId'> & {
        readonly parentSpanId?: string;
        readonly status?: { readonly code?: number };
      })[];
    }[];
  }[];
}

function spansInJson(body: Buffer): CollectedSpan[] {
  const { resourceSpans } = JSON.parse(body.toString()) as JsonRequest;
  return resourceSpans.flatMap(({ resource: { attributes }, scopeSpans }) => {
    const resource = Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? '']));
    return scopeSpans.flatMap(({ spans }) =>
      spans.map(({ traceId, spanId, parentSpanId = '', name, status }) => ({
        ...{ traceId, spanId, parentSpanId, name, resource },
        hasFailed: status?.code === STATUS_ERROR,
      })),
    );
  });
}

const STATUS_ERROR = 2;
/** Numbers of fields in opentelemetry/proto: collector/trace/v1, trace/v1, resource/v1 and common/v1. */
const REQUEST = { resourceSpans: 1 };
const RESOURCE_SPANS = { resource: 1, scopeSpans: 2 };
const RESOURCE = { attributes: 1 };
const ATTRIBUTE = { key: 1, value: 2 };
const VALUE = { string: 1 };
const SCOPE_SPANS = { spans: 2 };
const SPAN = { traceId: 1, spanId: 2, parentSpanId: 4, name: 5, status: 15 };
const STATUS = { code: 3 };

function spansInProtobuf(body: Buffer): CollectedSpan[] {
  return bytesOf(body, REQUEST.resourceSpans).flatMap((resourceSpans) => {
    const resource = Object.fromEntries(
      bytesOf(resourceSpans, RESOURCE_SPANS.resource)
        .flatMap((each) => bytesOf(each, RESOURCE.attributes))
        .map((each) => [
          textOf(each, ATTRIBUTE.key),
          textOf(bytesOf(each, ATTRIBUTE.value)[0], VALUE.string),
        ]),
    );
    return bytesOf(resourceSpans, RESOURCE_SPANS.scopeSpans)
      .flatMap((scope) => bytesOf(scope, SCOPE_SPANS.spans))
      .map((span) => ({
        traceId: bytesOf(span, SPAN.traceId)[0]?.toString('hex') ?? '',
        spanId: bytesOf(span, SPAN.spanId)[0]?.toString('hex') ?? '',
        parentSpanId: bytesOf(span, SPAN.parentSpanId)[0]?.toString('hex') ?? '',
        name: textOf(span, SPAN.name),
        resource,
        hasFailed: bytesOf(span, SPAN.status).some((status) =>
          fieldsOf(status).some(({ number, value }) => number === STATUS.code && value === STATUS_ERROR),
        ),
      }));
  });
}

interface Field {
  readonly number: number;
  /** Bytes of a length-delimited field, number of a varint; null for fields of a fixed size. */
  readonly value: Buffer | number | null;
}

function bytesOf(message: Buffer, wanted: number): Buffer[] {
  return fieldsOf(message).flatMap(({ number, value }) =>
    number === wanted && Buffer.isBuffer(value) ? [value] : [],
  );
}

function textOf(message: Buffer | undefined, wanted: number): string {
  return message === undefined ? '' : (bytesOf(message, wanted)[0]?.toString() ?? '');
}

function fieldsOf(message: Buffer): Field[] {
  const found: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message.readUInt8(at++);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  const skip = (bytes: number): null => {
    at += bytes;
    return null;
  };
  const delimited = (): Buffer => {
    const length = varint();
    at += length;
    return message.subarray(at - length, at);
  };
  const readers = new Map<number, () => Field['value']>([
    [0, varint],
    [1, () => skip(8)],
    [2, delimited],
    [5, () => skip(4)],
  ]);
  while (at < message.length) {
    const tag = varint();
    const read = readers.get(tag & 7);
    if (read === undefined) throw new Error(`wire type ${tag & 7} at ${at}`);
    found.push({ number: tag >>> 3, value: read() });
  }
  return found;
}
