/** What a piece of text means, shown by its color. The text alone must mean it too: many people see no color. */
export type Tone = 'good' | 'bad' | 'warning' | 'active' | 'faint' | 'strong'

/** A piece of a line: plain, or with a tone. A `whole` one is not broken at its blanks while it fits a line. */
export type Span = string | { readonly tone: Tone; readonly text: string; readonly whole?: true }

/** One line, without its end. Lines are laid out first and colored last, so that no escape sequence is ever measured. */
export type Line = readonly Span[]

/** What a renderer knows of the place where its lines are shown. */
export interface Page {
  /** Columns of the terminal; Infinity where nothing is cut or wrapped. */
  readonly columns: number
  readonly verbose: boolean
}
