import type uPlot from 'uplot';
import type { ChartColours } from './chart-colours.js';
import type { Mark } from './chart-model.js';

/** Returns a hook that draws the marks above the series. */
export function markPainter(marks: () => readonly Mark[], colours: ChartColours, font: string) {
  return (plot: uPlot): void => {
    const { ctx, bbox } = plot;
    const scale = devicePixelRatio;
    ctx.save();
    ctx.font = font.replace(/^([\d.]+)px/, (_, px: string) => `${Number(px) * scale}px`);
    ctx.lineWidth = scale;
    for (const mark of marks()) {
      const y = plot.valToPos(mark.y, 'y', true);
      ctx.fillStyle = colours['ink-2'];
      ctx.strokeStyle = colours['border-strong'];
      if (mark.kind === 'level') {
        ctx.setLineDash([2 * scale, 3 * scale]);
        ctx.beginPath();
        ctx.moveTo(bbox.left, y);
        ctx.lineTo(bbox.left + bbox.width, y);
        ctx.stroke();
        ctx.setLineDash([]);
        ctx.textAlign = 'right';
        ctx.textBaseline = 'bottom';
        outlined(ctx, mark.label, bbox.left + bbox.width - 2 * scale, y - 2 * scale, colours.surface);
        continue;
      }
      const x = plot.valToPos(mark.x, 'x', true);
      ctx.fillStyle = colours.surface;
      ctx.strokeStyle = colours.ink;
      ctx.lineWidth = 2 * scale;
      ctx.beginPath();
      ctx.arc(x, y, 3.5 * scale, 0, 2 * Math.PI);
      ctx.fill();
      ctx.stroke();
      ctx.fillStyle = colours.ink;
      // Keeps the label within the plot, and off the earlier curves that go on behind the last minute.
      const isRight = x > bbox.left + bbox.width * 0.5;
      ctx.textAlign = isRight ? 'right' : 'left';
      ctx.textBaseline = 'middle';
      outlined(
        ctx,
        mark.label,
        x + (isRight ? -8 : 8) * scale,
        Math.max(y - 8 * scale, 8 * scale),
        colours.surface,
      );
    }
    ctx.restore();
  };
}

/** Writes on a halo of the surface, so that lines behind the text do not cross it. */
function outlined(ctx: CanvasRenderingContext2D, text: string, x: number, y: number, halo: string): void {
  ctx.save();
  ctx.strokeStyle = halo;
  ctx.lineWidth = 4 * devicePixelRatio;
  ctx.lineJoin = 'round';
  ctx.strokeText(text, x, y);
  ctx.restore();
  ctx.fillText(text, x, y);
}
