import { SERIES_COLOURS, type SeriesColour } from './chart-model.js';

type TokenName = SeriesColour | 'ink' | 'ink-2' | 'ink-3' | 'grid' | 'surface' | 'border-strong';

export type ChartColours = Readonly<Record<TokenName, string>>;

const TOKENS: readonly TokenName[] = [
  ...SERIES_COLOURS,
  ...(['ink', 'ink-2', 'ink-3', 'grid', 'surface', 'border-strong'] as const),
];

/** Returns the colours of the theme as a canvas takes them: `light-dark()` is resolved on an element only. */
export function readColours(host: HTMLElement): ChartColours {
  const probe = document.createElement('span');
  host.append(probe);
  const colours = TOKENS.map((token) => {
    probe.style.color = `var(--${token})`;
    return [token, getComputedStyle(probe).color] as const;
  });
  probe.remove();
  return Object.fromEntries(colours) as ChartColours;
}

/** @param colour `rgb(r, g, b)` */
export function withAlpha(colour: string, alpha: number): string {
  const numbers = /^rgb\((.+)\)$/.exec(colour)?.[1]?.split(/[\s,]+/);
  return numbers === undefined ? colour : `rgb(${numbers.join(' ')} / ${alpha})`;
}

/** Marks provisional bars: stripes in the colour of the series on the surface, which hides the bar behind them. */
export function hatching(
  context: CanvasRenderingContext2D,
  colour: string,
  surface: string,
): CanvasPattern | string {
  const size = Math.max(6, Math.round(6 * devicePixelRatio));
  const tile = document.createElement('canvas');
  tile.width = size;
  tile.height = size;
  const pen = tile.getContext('2d');
  if (pen === null) return colour;
  for (const fill of [surface, withAlpha(colour, 0.18)]) {
    pen.fillStyle = fill;
    pen.fillRect(0, 0, size, size);
  }
  pen.strokeStyle = colour;
  pen.lineWidth = size / 4;
  for (const shift of [-size, 0, size]) {
    pen.beginPath();
    pen.moveTo(shift - 1, size + 1);
    pen.lineTo(shift + size + 1, -1);
    pen.stroke();
  }
  return context.createPattern(tile, 'repeat') ?? colour;
}
