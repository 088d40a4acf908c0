export type ImportErrorCode =
  | "IMPORT_SOURCE_UNKNOWN"
  | "IMPORT_PART_UNKNOWN"
  | "IMPORT_FOLDER_UNREADABLE"
  | "IMPORT_LAYOUT_UNKNOWN"
  | "IMPORT_FILE_UNREADABLE"
  | "IMPORT_NO_IMAGES"
  | "IMPORT_EMPTY"
  | "IMPORT_OUTPUT_INVALID"
  | "IMPORT_MAP_INVALID";

/** Where in a source something stood: `line` counts from 1 in files of lines, `field` is a dotted path. */
export interface SourcePlace {
  file: string;
  line?: number;
  field?: string;
}

/** A fault that ends an import; `code` is stable, the message says what, where and what to do. */
export class ImportError extends Error {
  override readonly name = "ImportError";
  readonly code: ImportErrorCode;
  readonly place: SourcePlace | undefined;
  constructor(code: ImportErrorCode, message: string, place?: SourcePlace, cause?: unknown) {
    super(
      place === undefined ? message : `${placeText(place)}: ${message}`,
      cause === undefined ? {} : { cause },
    );
    this.code = code;
    this.place = place;
  }
}

/** `file:line: field`, as far as they are known. */
export function placeText({ file, line, field }: SourcePlace): string {
  return `${file}${line === undefined ? "" : `:${line}`}${field === undefined ? "" : `: ${field}`}`;
}
