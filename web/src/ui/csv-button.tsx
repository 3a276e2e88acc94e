import { useContext, useState } from 'preact/hooks';
import { bodyOf, type Api } from '../api/client.js';
import { csvFileName, saveFile } from '../api/csv.js';
import { editCsvFile, type CsvRow } from '../api/csv-rows.js';
import { problemOf, type Problem } from '../api/problem.js';
import { useI18n } from '../i18n/use-i18n.js';
import { AppContext } from '../state/app-context.js';

export interface CsvButtonProps {
  /** Names the figure for screen readers. */
  readonly title: string;
  /** The text of the button, where a panel has several. */
  readonly text?: string;
  readonly fileName: Parameters<typeof csvFileName>;
  /** Asks for what the panel shows, with the options of `CSV`. */
  readonly call: (api: Api) => Parameters<typeof bodyOf<Blob>>[0];
  /** Chooses the records that the panel shows; by default all of the answer. */
  readonly keep?: (row: CsvRow) => boolean;
  /** Returns records that the panel shows and the answer leaves out. @param rows all records of the answer */
  readonly add?: (rows: readonly CsvRow[]) => readonly CsvRow[];
}

/** Downloads what a panel shows, in the columns and lines that the service writes. */
export function CsvButton({ title, text, fileName, call, keep, add }: CsvButtonProps) {
  const { t } = useI18n();
  const { api } = useContext(AppContext);
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const download = async (): Promise<void> => {
    setIsBusy(true);
    setProblem(null);
    try {
      const file = await bodyOf(call(api));
      const isWhole = keep === undefined && add === undefined;
      saveFile(isWhole ? file : await editCsvFile(file, keep, add), csvFileName(...fileName));
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
