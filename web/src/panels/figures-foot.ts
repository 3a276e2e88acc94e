import type { Catalogue } from '../i18n/en.js';
import type { Formats } from '../i18n/formats.js';
import type { FootModel } from '../ui/card-foot.js';

/** State of all figures of an answer. */
interface FiguresState {
  readonly finalThrough: string;
  readonly calculatedAt: string | null;
}

/** Joins what several answers say: as old as the oldest of them, and final through the earliest of their days. */
export function joinStates(...states: readonly (FiguresState | null)[]): FiguresState | null {
  const known = states.filter((state) => state !== null);
  const [first] = known;
  if (first === undefined || known.length < states.length) return null;
  return known.reduce(
    (joined, { finalThrough, calculatedAt }) => ({
      finalThrough: finalThrough < joined.finalThrough ? finalThrough : joined.finalThrough,
      calculatedAt: older(joined.calculatedAt, calculatedAt),
    }),
    first,
  );
}

function older(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return null;
  return a < b ? a : b;
}

/** Says when figures were counted and through which day they are final, before what the panel adds. */
export function footOf(
  state: FiguresState | null,
  { finalThrough, hourly }: Pick<Catalogue['card'], 'finalThrough' | 'hourly'>,
  format: Formats,
): Pick<FootModel, 'countedAtMs'> & { readonly notes: readonly string[] } {
  if (state === null) return { notes: [hourly] };
  const { calculatedAt } = state;
  return {
    countedAtMs: calculatedAt === null ? undefined : Date.parse(calculatedAt),
    notes: [finalThrough(format.day(state.finalThrough)), hourly],
  };
}

/** Returns the note on the last final day, where the answer says so day by day; none before the first one. */
export function finalNote(
  data: readonly { readonly day: string; readonly isFinal: boolean }[],
  { finalThrough }: Pick<Catalogue['card'], 'finalThrough'>,
  format: Formats,
): readonly string[] {
  const firstOpen = data.findIndex(({ isFinal }) => !isFinal);
  const last = data.at(firstOpen === -1 ? -1 : firstOpen - 1);
  return last === undefined || firstOpen === 0 ? [] : [finalThrough(format.day(last.day))];
}
