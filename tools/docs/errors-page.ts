import {
  ERROR_CATALOGUE,
  errorCodesIn,
  type ErrorCode,
} from '../../src/shared/exceptions/error-catalogue.js';
import { ERROR_KINDS } from '../../src/shared/exceptions/error-kinds.js';
import { ERROR_TEXTS } from './error-texts.js';
import { table } from './markdown.js';

/** Renders `docs/errors.md`: every code of the catalogue, grouped by its receiver. */
export function errorsPage(): string {
  return `# Errors

Every error answer is \`application/problem+json\` (RFC 9457): \`type\`, \`title\`, \`status\`, \`detail\`, \`instance\`, \`code\`, and
\`errors\` (field and message) when fields are to blame. Branch on \`code\`, which is stable. \`detail\` is for people and may change.

## HTTP requests

${requestTable(errorCodesIn('request'))}

## Events of a batch

A rejected event stands in \`rejected[]\` with its position in the batch. The other events are stored. Sending a rejected
event again unchanged is pointless, except after \`user_id_mismatch\`: without a token it is accepted.

${codeTable(errorCodesIn('event'))}

## Heartbeats of a gateway

A rejected heartbeat of \`POST /internal/presence/heartbeats\` stands in \`rejected[]\` with its position. The others are recorded.

${codeTable(errorCodesIn('heartbeat'))}

## Consumed messages

The code stands in the header \`dlq-reason\` of a dead letter, and \`dlq-detail\` explains it. Correct the cause, then replay the
messages with \`npm run dlq:replay\`.

${codeTable(errorCodesIn('message'))}

## Commands

${codeTable(errorCodesIn('command'))}

## Inside the service

These codes appear in logs only.

${codeTable(errorCodesIn('internal'))}
`;
}

function requestTable(codes: readonly ErrorCode[]): string {
  return table(
    ['code', 'status', 'meaning', 'what to do'],
    codes.map((code) => {
      const { meaning, remedy } = ERROR_TEXTS[code];
      return [`\`${code}\``, String(ERROR_KINDS[ERROR_CATALOGUE[code].kind].status), meaning, remedy];
    }),
  );
}

function codeTable(codes: readonly ErrorCode[]): string {
  return table(
    ['code', 'meaning', 'what to do'],
    codes.map((code) => [`\`${code}\``, ERROR_TEXTS[code].meaning, ERROR_TEXTS[code].remedy]),
  );
}
