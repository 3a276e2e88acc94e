import fc, { type Arbitrary } from 'fast-check';

import { hugeText, jsonText, keyText, numberText, objectText, stringText } from './fuzz-text.js';

export interface SentEvent {
  readonly text: string;
  /** id of the event when it is a valid one */
  readonly eventId: string | undefined;
}

/** @param nowSeconds returns the current time, so that most events have a valid time */
function eventText(nowSeconds: () => number): Arbitrary<SentEvent> {
  const valid = {
    eventName: fc.constantFrom('"app_session_start"', '"page_view"', '" Padded_Name "', '"app_session_end"'),
    installId: fc.uuid().map((id) => `"install-${id}"`),
    userId: fc.option(
      fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }).map((id) => `"${id}"`),
      { nil: undefined },
    ),
    clientTs: fc.integer({ min: -604_000, max: 599 }).map((offset) => String(nowSeconds() + offset)),
    properties: fc.option(
      fc
        .tuple(fc.constantFrom('"广东省"', '" 浙江省 "', '""', '44', 'null'), jsonText)
        .map(([province, rest]) => `{"province":${province},"city":"深圳市","rest":${rest}}`),
      { nil: undefined },
    ),
    eventId: fc.option(
      fc.uuid().map((id) => `"${id}"`),
      { nil: undefined },
    ),
  };
  const fields = ['eventName', 'installId', 'userId', 'clientTs', 'properties', 'eventId'] as const;
  const strange = fc.oneof(
    { weight: 6, arbitrary: jsonText },
    { weight: 2, arbitrary: stringText },
    { weight: 2, arbitrary: numberText },
    { weight: 1, arbitrary: hugeText },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
  const mutation = fc.tuple(fc.constantFrom(...fields), strange);
  const strangeProperties = fc
    .tuple(fc.constant('properties' as const), objectText(fc.tuple(keyText, jsonText)))
    .map(([field, value]) => [field, value] as const);
  return fc
    .tuple(
      fc.record(valid),
      fc.oneof(
        { weight: 2, arbitrary: fc.constant([]) },
        { weight: 4, arbitrary: fc.array(mutation, { minLength: 1, maxLength: 2 }) },
        { weight: 3, arbitrary: fc.tuple(strangeProperties) },
      ),
      fc.array(fc.tuple(keyText, jsonText), { maxLength: 1 }),
    )
    .map(([base, mutations, extra]) => {
      const event = new Map<string, string | undefined>(Object.entries(base));
      for (const [field, value] of mutations) event.set(field, value);
      const entries = [...event]
        .flatMap(([field, value]) => (value === undefined ? [] : [`"${field}":${value}`]))
        .concat(extra.filter(([key]) => !isField(key)).map(([key, value]) => `${key}:${value}`));
      const eventId = /^"([0-9a-f-]{36})"$/.exec(event.get('eventId') ?? '')?.[1];
      return { text: `{${entries.join()}}`, eventId };
    });
}

function isField(key: string): boolean {
  return ['eventName', 'installId', 'userId', 'clientTs', 'properties', 'eventId'].includes(
    String(JSON.parse(key)),
  );
}

export interface SentBatch {
  readonly events: readonly SentEvent[];
  readonly text: string;
}

/** Valid batches of events that are valid, nearly valid, or no events. */
export function eventBatch(size: number, nowSeconds: () => number): Arbitrary<SentBatch> {
  const anything = jsonText.map((text) => ({ text, eventId: undefined }));
  const sentAt = fc.oneof(
    { weight: 4, arbitrary: fc.constant(undefined) },
    {
      weight: 2,
      arbitrary: fc.integer({ min: -400_000, max: 400_000 }).map((off) => String(nowSeconds() + off)),
    },
    { weight: 1, arbitrary: fc.constantFrom('null', '0', '99999999999.9', '0.001') },
  );
  return fc
    .tuple(
      fc.array(
        fc.oneof({ weight: 12, arbitrary: eventText(nowSeconds) }, { weight: 1, arbitrary: anything }),
        { minLength: size, maxLength: size },
      ),
      sentAt,
    )
    .map(([events, at]) => ({
      events,
      text: `{${at === undefined ? '' : `"sentAt":${at},`}"events":[${events.map(({ text }) => text).join()}]}`,
    }));
}
