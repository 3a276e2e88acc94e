import { useContext } from 'preact/hooks';
import { bodyOf, type Api } from '../api/client.js';
import { editCsvFile, type CsvRow } from '../api/csv-rows.js';
import type { PolledFigure } from '../api/use-polled.js';
import { AppContext } from '../state/app-context.js';
import { DownloadButton, type DownloadButtonProps } from './download-button.js';

export interface CsvButtonProps extends DownloadButtonProps {
  /** The figure of the panel: it is asked for anew with the file, which would be newer than the card. */
  readonly figure: Pick<PolledFigure<unknown>, 'retry'>;
  /** Asks for what the panel shows, with the options of `CSV`. */
  readonly call: (api: Api) => Parameters<typeof bodyOf<Blob>>[0];
  /** Chooses the records that the panel shows; by default all of the answer. */
  readonly keep?: (row: CsvRow) => boolean;
  /** Returns records that the panel shows and the answer leaves out. @param rows all records of the answer */
  readonly add?: (rows: readonly CsvRow[]) => readonly CsvRow[];
}

/** Downloads what a panel shows, in the columns and lines that the service writes. */
export function CsvButton({ figure, call, keep, add, ...button }: CsvButtonProps) {
  const { api } = useContext(AppContext);
  const load = async (): Promise<Blob> => {
    const file = await bodyOf(call(api));
    figure.retry();
    return keep === undefined && add === undefined ? file : editCsvFile(file, keep, add);
  };
  return <DownloadButton {...button} load={load} />;
}
