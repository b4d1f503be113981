import type { Excerpt, Location } from '../core/tool-error.ts'
import type { Position } from './json-text.ts'
import type { Origin } from './origin.ts'

/** A configuration file that was read but not yet checked. */
export interface ConfigDocument {
  /** Absolute. */
  readonly file: string
  /** As a person would type it. */
  readonly shown: string
  /** Absolute: what the file's relative paths start from. */
  readonly folder: string
  readonly value: unknown
  /** Where each key stands; empty for a module. */
  readonly positions: ReadonlyMap<string, Position>
  readonly lines: readonly string[]
}

/** The origin of the values under a path of a document: '' for the whole, `environments.production` for an environment. */
export function documentOrigin(document: ConfigDocument, base: string): Origin {
  const name = (path: string): string => (base === '' ? path : `${base}.${path}`)
  return {
    source: 'file',
    name,
    folder: document.folder,
    locate: (path) => {
      const position = document.positions.get(name(path))
      if (position === undefined) return { where: { file: document.shown } }
      const excerpt = keyExcerpt(document.lines[position.line - 1] ?? '', position)
      const where: Location = { file: document.shown, ...position }
      return excerpt === null ? { where } : { where, excerpt }
    },
  }
}

/** The start of the line a key stands on, up to the key: what follows may be a secret, so it is never shown. */
function keyExcerpt(line: string, position: Position): Excerpt | null {
  const match = /^[\s{]*"(?:[^"\\]|\\.)*"/.exec(line)
  if (match === null || match[0].length < position.column) return null
  return { text: match[0], ...position }
}

/** The start of a line up to and with a place where the JSON breaks; null where the line may hold a secret. */
export function syntaxExcerpt(line: string, position: Position): Excerpt | null {
  const text = line.slice(0, position.column)
  return /passw|pasw|pwd|secret|token|:\/\//i.test(text) ? null : { text, ...position }
}
