import { useContext, useEffect, useState } from 'preact/hooks';
import type { LiveState } from '../api/live.js';
import { AppContext } from './app-context.js';
import type { LiveSnapshot } from './live-figures.js';
import type { Settings } from './settings.js';
import { useStore } from './store.js';

export function useSettings(): Settings & { readonly change: (part: Partial<Settings>) => void } {
  const { settings } = useContext(AppContext);
  return {
    ...useStore(settings),
    change: (part) => {
      settings.change(part);
    },
  };
}

/** Returns what `GET /live` pushed last. */
export function useLiveFigures(): LiveSnapshot {
  return useStore(useContext(AppContext).live.figures);
}

/** Returns the state of the connection to `GET /live`. */
export function useLiveState(): LiveState {
  return useStore(useContext(AppContext).live.connection.state);
}

/** Returns the time by the clock of the service, Unix milliseconds, anew every `everyMs`. */
export function useNow(everyMs: number): number {
  const { clock } = useContext(AppContext);
  const [nowMs, setNowMs] = useState(() => clock.nowMs());
  useEffect(() => {
    const timer = setInterval(() => {
      setNowMs(clock.nowMs());
    }, everyMs);
    return () => {
      clearInterval(timer);
    };
  }, [clock, everyMs]);
  return nowMs;
}

/** Returns whether an instant of the service's clock is over, Unix milliseconds; draws once more when it comes. */
export function useIsPast(instantMs: number | null): boolean {
  const { clock } = useContext(AppContext);
  const [turn, setTurn] = useState(0);
  const leftMs = instantMs === null ? null : instantMs - clock.nowMs();
  useEffect(() => {
    // No instant that cannot be read is waited for.
    if (leftMs === null || !(leftMs > 0)) return undefined;
    const timer = setTimeout(() => {
      setTurn((last) => last + 1);
    }, leftMs);
    return () => {
      clearTimeout(timer);
    };
  }, [clock, instantMs, turn]);
  return leftMs !== null && leftMs <= 0;
}

/** The live connection is asked for at once, and any answer tells the time. */
const CLOCK_WAIT_MS = 3_000;

/** Returns whether to ask for days: the service's clock is known, or has let the page wait for too long. */
export function useMayAskForDays(): boolean {
  const { clock } = useContext(AppContext);
  const isKnown = useStore(clock.isKnown);
  const [isLate, setIsLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => {
      setIsLate(true);
    }, CLOCK_WAIT_MS);
    return () => {
      clearTimeout(timer);
    };
  }, []);
  return isKnown || isLate;
}

/** Today in Asia/Shanghai; changes at midnight. */
export function useToday(): string {
  return useStore(useContext(AppContext).today);
}
