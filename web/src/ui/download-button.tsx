import { useState } from 'preact/hooks';
import { csvFileName, saveFile } from '../api/csv.js';
import { problemOf, type Problem } from '../api/problem.js';
import { useI18n } from '../i18n/use-i18n.js';

export interface DownloadButtonProps {
  /** Names the figure for screen readers. */
  readonly title: string;
  /** The text of the button, where a panel has several. */
  readonly text?: string;
  readonly fileName: Parameters<typeof csvFileName>;
}

/** Saves a CSV file, and says so when it cannot be had. */
export function DownloadButton({
  title,
  text,
  fileName,
  load,
}: DownloadButtonProps & { readonly load: () => Promise<Blob> }) {
  const { t } = useI18n();
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const download = async (): Promise<void> => {
    setIsBusy(true);
    setProblem(null);
    try {
      saveFile(await load(), csvFileName(...fileName));
    } catch (error) {
      setProblem(problemOf(error));
    }
    setIsBusy(false);
  };
  return (
    <>
      {problem !== null && (
        <span class="tag tag-bad" role="alert" title={problem.detail ?? t.problem[problem.kind]}>
          {t.card.csvFailed}
        </span>
      )}
      <button
        type="button"
        class="button button-small"
        // The name contains the text that is seen.
        aria-label={text === undefined ? t.card.csvOf(title) : `${text}: ${t.card.csvOf(title)}`}
        disabled={isBusy}
        onClick={() => {
          void download();
        }}
      >
        {text ?? t.card.csv}
      </button>
    </>
  );
}
