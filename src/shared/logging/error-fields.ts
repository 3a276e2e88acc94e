/** Bounds a line: an error may hold a statement or a document. */
const MAX_TEXT_CHARACTERS = 8_000;
const MAX_DEPTH = 4;

export interface ErrorFields {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: ErrorFields;
  readonly errors?: readonly ErrorFields[];
}

/**
 * Returns the parts of an error that a log line shows. Other properties stay out, because drivers put rows and
 * parameters into them.
 */
export function toErrorFields(error: unknown, depth = 0): ErrorFields {
  if (!(error instanceof Error)) return { type: typeof error, message: shorten(String(error)) };
  const { name, message, stack, cause } = error;
  const code = (error as { readonly code?: unknown }).code;
  const nested = depth < MAX_DEPTH;
  return {
    type: name,
    message: shorten(message),
    ...((typeof code === 'string' || typeof code === 'number') && { code: String(code) }),
    ...(stack !== undefined && { stack: shorten(stack) }),
    ...(nested && cause !== undefined && { cause: toErrorFields(cause, depth + 1) }),
    ...(nested &&
      error instanceof AggregateError && {
        errors: error.errors.slice(0, MAX_DEPTH).map((each) => toErrorFields(each, depth + 1)),
      }),
  };
}

function shorten(text: string): string {
  return text.length > MAX_TEXT_CHARACTERS ? `${text.slice(0, MAX_TEXT_CHARACTERS)}…` : text;
}
