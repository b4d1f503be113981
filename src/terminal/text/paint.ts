import { type Line, spanText, type Tone } from './span.ts'

/** 0 none, 1 sixteen colors, 2 two hundred and fifty-six, 3 all. */
export type ColorLevel = 0 | 1 | 2 | 3

/** Turns a line into what is written to a stream. */
export type Paint = (line: Line) => string

/** Only a line's characters, for `NO_COLOR`, files and pipes. */
export const paintPlain: Paint = (line) => line.map(spanText).join('')

/**
 * Loads chalk only where there is color: it costs 10 ms. The default instance is not used, because it ignores NO_COLOR.
 */
export async function createPaint(level: ColorLevel): Promise<Paint> {
  if (level === 0) return paintPlain
  const { Chalk } = await import('chalk')
  const chalk = new Chalk({ level })
  const tones: Readonly<Record<Tone, (text: string) => string>> = {
    good: chalk.green,
    bad: chalk.red,
    warning: chalk.yellow,
    active: chalk.cyan,
    faint: chalk.dim,
    strong: chalk.bold,
  }
  return (line) => line.map((span) => (typeof span === 'string' ? span : tones[span.tone](span.text))).join('')
}
