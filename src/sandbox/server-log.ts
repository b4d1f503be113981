import { readFile, stat } from 'node:fs/promises'

/** How long a server's log is now, in bytes; 0 when there is none. */
export async function logLength(file: string): Promise<number> {
  try {
    return (await stat(file)).size
  } catch {
    return 0
  }
}

/** The last errors that a server wrote after `offset`, without times and codes; the last lines when it called none an error. */
export async function lastErrors(file: string, offset = 0): Promise<string> {
  let text: string
  try {
    text = (await readFile(file)).subarray(offset).toString()
  } catch {
    return ''
  }
  return summariseErrors(text)
}

/** Exported for its test: picks the sentences out of the lines of a mysqld log. */
export function summariseErrors(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const errors = lines.filter((line) => line.includes('[ERROR]') && !line.includes('Aborting'))
  const chosen = errors.length > 0 ? errors : lines.slice(-3)
  return [...new Set(chosen.map((line) => line.replace(/^.*\[ERROR\]\s*(\[[^\]]*\]\s*)*/, '').trim()))]
    .slice(-4)
    .join(' ')
}
