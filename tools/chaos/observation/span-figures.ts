import type { HttpSender } from '../../simulation/delivery/http-client.js';
import { pause } from '../../simulation/delivery/pause.js';
import type { SpanFigures } from '../history/history.js';

const ATTEMPTS = 5;
const AGAIN_AFTER_MS = 500;
const WINDOW = 3;
const AFTER = '1,2,3,4,5,6';
const COHORTS = ['new', 'active'] as const;

/** Reads the figures over the days from `first` to `last` as the dashboard does. */
export async function readSpanFigures(
  http: HttpSender,
  token: string,
  first: string,
  last: string,
): Promise<SpanFigures> {
  const days = `startDate=${first}&endDate=${last}`;
  const get = async <Data>(path: string): Promise<Data> =>
    readData<Data>(http, token, `/analytics/${path}&${days}`);
  const span = await get<SpanFigures['spans']>('active-users?interval=span');
  const weeks = await get<SpanFigures['spans']>('active-users?interval=week');
  const rolling = await get<SpanFigures['rolling']['data']>(`rolling-active-users?window=${String(WINDOW)}`);
  const lifecycle = await get<SpanFigures['lifecycle']>('lifecycle?');
  const retention: SpanFigures['retention'][number][] = [];
  for (const cohort of COHORTS) {
    const path = `retention?cohort=${cohort}&after=${AFTER}`;
    retention.push({ cohort, data: await get<SpanFigures['retention'][number]['data']>(path) });
  }
  return { spans: [...span, ...weeks], rolling: { window: WINDOW, data: rolling }, lifecycle, retention };
}

async function readData<Data>(http: HttpSender, token: string, path: string): Promise<Data> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await http.send({ method: 'GET', path: path.replace('?&', '?'), token });
    if (outcome.kind === 'response' && outcome.status === 200)
      return (outcome.body as { readonly data: Data }).data;
    if (attempt === ATTEMPTS) throw new Error(`GET ${path}: ${JSON.stringify(outcome)}`);
    await pause(AGAIN_AFTER_MS);
  }
}
