import { describe, expect, it } from '@jest/globals';
import { EventStreamParser } from '../../../../web/src/api/event-stream.js';

const STREAM = [
  'retry: 3000',
  '',
  'event: status',
  'data: {"status":"ok"}',
  '',
  'id: 1736937000',
  'event: online',
  'data: {"count":1234}',
  '',
  ':',
  '',
  '',
].join('\n');

const EVENTS = [
  { name: 'status', data: '{"status":"ok"}' },
  { name: 'online', data: '{"count":1234}' },
];

function parse(...chunks: readonly string[]) {
  const parser = new EventStreamParser();
  return { parser, events: chunks.flatMap((chunk) => parser.push(chunk)) };
}

describe('EventStreamParser', () => {
  it('returns the events of a stream, its retry and its last id', () => {
    const { parser, events } = parse(STREAM);
    expect(events).toEqual(EVENTS);
    expect(parser.retryMs).toBe(3000);
    expect(parser.lastEventId).toBe('1736937000');
  });

  it.each(['\n', '\r\n', '\r'])(
    'returns the same events wherever a chunk ends, with line breaks %j',
    (lineBreak) => {
      const text = STREAM.replaceAll('\n', lineBreak);
      for (let cut = 0; cut <= text.length; cut += 1)
        expect(parse(text.slice(0, cut), text.slice(cut), '\n').events).toEqual(EVENTS);
      expect(parse(...Array.from(text), '\n').events).toEqual(EVENTS);
    },
  );

  it('joins the data lines of one event', () => {
    expect(parse('data: a\ndata:b\ndata\n\n').events).toEqual([{ name: 'message', data: 'a\nb\n' }]);
  });

  it('skips comments, unknown fields and events without data', () => {
    expect(parse(': hello\nevent: nothing\n\nfoo: bar\ndata: 1\n\n').events).toEqual([
      { name: 'message', data: '1' },
    ]);
  });

  it('keeps the id of an earlier event, and skips a byte order mark', () => {
    const { parser, events } = parse('\uFEFFid: 7\ndata: 1\n\ndata: 2\n\n');
    expect(events).toHaveLength(2);
    expect(parser.lastEventId).toBe('7');
  });

  it('drops an event that the end of the stream cuts off', () => {
    const { parser, events } = parse('id: 5\ndata: 1\n');
    expect(events).toEqual([]);
    expect(parser.lastEventId).toBe('');
  });

  it('ignores a retry that is no number', () => {
    expect(parse('retry: soon\n\n').parser.retryMs).toBeNull();
  });
});
