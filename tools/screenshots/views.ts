export interface View {
  readonly name: string;
  readonly language: 'en' | 'zh';
  readonly theme: 'light' | 'dark';
  /** Pixels of the viewport. */
  readonly width: number;
  readonly height: number;
  /** Pixels of the picture, from the top; null for the whole page. */
  readonly cutAt: number | null;
}

/** The pictures of the documents. */
export const VIEWS: readonly View[] = [
  { name: 'dashboard-light-en', language: 'en', theme: 'light', width: 1440, height: 1000, cutAt: 1525 },
  { name: 'dashboard-dark-zh', language: 'zh', theme: 'dark', width: 1440, height: 1000, cutAt: 1525 },
  { name: 'dashboard-narrow', language: 'en', theme: 'light', width: 360, height: 780, cutAt: 1560 },
];
