import { useContext, useEffect, useMemo } from 'preact/hooks';
import { AppContext } from '../state/app-context.js';
import { useStore } from '../state/store.js';
import { bodyOf, type Api } from './client.js';
import type { Period, Polled } from './polled-resource.js';

type ApiCall<T> = (api: Api, signal: AbortSignal) => Parameters<typeof bodyOf<T>>[0];

export interface PolledFigure<T> extends Polled<T> {
  readonly retry: () => void;
}

/**
 * Asks the service for a figure now and after each period, for as long as the component is shown.
 *
 * @param key names the figure with its parameters and its period; components with the same key share one request
 */
export function usePolled<T>(key: string, period: Period, call: ApiCall<T>): PolledFigure<T> {
  const { api, resources } = useContext(AppContext);
  const resource = useMemo(
    () => resources.obtain<T>(key, period, (signal) => bodyOf(call(api, signal))),
    // The key stands for everything that the call depends on.
    [api, resources, key],
  );
  const state = useStore(resource);
  useEffect(() => {
    const follow = (): void => {
      if (document.visibilityState === 'visible') resource.resume();
      else resource.pause();
    };
    document.addEventListener('visibilitychange', follow);
    return () => {
      document.removeEventListener('visibilitychange', follow);
    };
  }, [resource]);
  return { ...state, retry: () => resource.refresh() };
}
