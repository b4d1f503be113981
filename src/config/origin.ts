import { pathText } from '../core/path-text.ts'
import type { ConfigEntry } from '../core/result.ts'
import type { Excerpt, Fault, Location } from '../core/tool-error.ts'

/** Where the values of a layer come from: how a fault names and locates one. Paths are texts such as `databases.app.url`. */
export interface Origin {
  readonly source: ConfigEntry['source']
  /** What the user wrote to set the value: a path in the file, a variable, a flag. */
  readonly name: (path: string) => string
  readonly locate: (path: string) => { readonly where?: Location; readonly excerpt?: Excerpt }
  /** What relative file names start from: the file's folder, or the working directory. */
  readonly folder: string
}

export interface FaultText {
  /** The rest of the sentence after the name: `must be a string, not 5`. */
  readonly says: string
  readonly why?: string
  readonly next?: string
}

/** A fault of the value at a path: `timeouts.lock is "5", a number without a unit.` */
export function faultAt(origin: Origin, path: string | readonly PropertyKey[], text: FaultText): Fault {
  const at = typeof path === 'string' ? path : pathText(path)
  return {
    what: `${at === '' ? 'The configuration' : origin.name(at)} ${text.says}.`,
    ...origin.locate(at),
    ...(text.why === undefined ? {} : { why: text.why }),
    ...(text.next === undefined ? {} : { next: text.next }),
  }
}
