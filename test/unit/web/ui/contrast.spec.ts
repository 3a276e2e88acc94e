import { describe, expect, it } from '@jest/globals';
import { SERIES_COLOURS } from '../../../../web/src/ui/chart-model.js';
import { HEAT_STEPS } from '../../../../web/src/ui/heat-scale.js';
import { colourPairs, contrast, THEMES, token } from '../support/colours.js';

/** WCAG 2.2, level AA: 1.4.3 for text, 1.4.11 for what one must see to understand a chart or use a control. */
const [TEXT, MARK] = [4.5, 3];
const SURFACES = ['page', 'surface', 'surface-raised', 'surface-chosen', 'surface-sunken'];
const INKS = ['ink', 'ink-2', 'ink-3'];
/** Charts are drawn on cards, and their tooltips on a raised surface. */
const BEHIND_MARKS = ['surface', 'surface-raised'];

describe.each(THEMES)('in the %s theme', (theme) => {
  it.each(INKS.flatMap((ink) => SURFACES.map((surface) => [ink, surface] as const)))(
    'text in --%s on --%s has the contrast of AA',
    (ink, surface) => {
      expect(contrast(token(ink)[theme], token(surface)[theme])).toBeGreaterThanOrEqual(TEXT);
    },
  );

  it.each(
    [...SERIES_COLOURS, 'border-strong', 'accent'].flatMap((mark) =>
      BEHIND_MARKS.map((surface) => [mark, surface] as const),
    ),
  )('lines and marks in --%s on --%s have the contrast of AA', (mark, surface) => {
    expect(contrast(token(mark)[theme], token(surface)[theme])).toBeGreaterThanOrEqual(MARK);
  });

  it.each(colourPairs().map(({ selector, ...pair }) => [selector, pair] as const))(
    'the text of %s has the contrast of AA',
    (_selector, { background, text }) => {
      expect(contrast(token(background)[theme], token(text)[theme])).toBeGreaterThanOrEqual(TEXT);
    },
  );
});

describe('the pairs of colours', () => {
  it('include every shade of a heat map and the notices', () => {
    const names = colourPairs().map(({ background }) => background);
    const shades = Array.from({ length: HEAT_STEPS + 1 }, (_, shade) => `heat-${shade}`);
    expect(names).toEqual(expect.arrayContaining([...shades, 'warn-soft', 'bad-soft', 'good-soft']));
  });
});
