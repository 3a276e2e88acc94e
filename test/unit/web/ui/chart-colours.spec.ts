import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hatching } from '../../../../web/src/ui/chart-colours.js';

const SURFACE = 'rgb(255, 255, 255)';

/** Records what fills the whole of a canvas, in order. */
class RecordingPen {
  readonly fills: { readonly colour: string; readonly area: readonly number[] }[] = [];
  fillStyle = '';
  fillRect(...area: readonly number[]): void {
    this.fills.push({ colour: this.fillStyle, area });
  }
  beginPath(): void {}
  moveTo(): void {}
  lineTo(): void {}
  stroke(): void {}
}

describe('the hatching of provisional bars', () => {
  const pen = new RecordingPen();

  beforeEach(() => {
    const canvas = { width: 0, height: 0, getContext: () => pen };
    Object.assign(globalThis, { devicePixelRatio: 1, document: { createElement: () => canvas } });
  });

  afterEach(() => {
    Reflect.deleteProperty(globalThis, 'devicePixelRatio');
    Reflect.deleteProperty(globalThis, 'document');
  });

  it('is opaque, so that a stacked bar does not show the one behind it', () => {
    const pattern = {};
    const context = { createPattern: () => pattern } as unknown as CanvasRenderingContext2D;
    expect(hatching(context, 'rgb(10, 20, 30)', SURFACE)).toBe(pattern);
    expect(pen.fills).toEqual([
      { colour: SURFACE, area: [0, 0, 6, 6] },
      { colour: 'rgb(10 20 30 / 0.18)', area: [0, 0, 6, 6] },
    ]);
  });
});
