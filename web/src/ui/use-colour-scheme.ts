import { useEffect, useState } from 'preact/hooks';
import { useSettings } from '../state/use-app.js';

const DARK = '(prefers-color-scheme: dark)';

/** The colours that the page has: those that the reader chose, else those of the system. */
export function useColourScheme(): 'light' | 'dark' {
  const { theme } = useSettings();
  const [isDark, setIsDark] = useState(() => matchMedia(DARK).matches);
  useEffect(() => {
    const query = matchMedia(DARK);
    const follow = (): void => {
      setIsDark(query.matches);
    };
    query.addEventListener('change', follow);
    return () => {
      query.removeEventListener('change', follow);
    };
  }, []);
  if (theme !== 'system') return theme;
  return isDark ? 'dark' : 'light';
}
