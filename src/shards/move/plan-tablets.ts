import { type MoveRefusal, quoted } from './move-facts.ts'

/** The kinds of tablets of Vitess. */
const kinds: readonly string[] = [
  ...['primary', 'replica', 'rdonly', 'batch', 'spare', 'experimental'],
  ...['backup', 'restore', 'drained'],
]

/** Kinds that copy nothing to anybody, in the order in which they are asked for. */
export const idleTypes: readonly string[] = ['spare', 'experimental', 'drained', 'rdonly']

/** What `--tablet-types` names, as Vitess takes it. */
export const typesOf = (text: string): readonly string[] =>
  text
    .toLowerCase()
    .split(',')
    .map((type) => type.trim())
    .filter((type) => type !== '')

/** A kind of tablet that the source does not have and that is not asked for, so that a workflow which wants one waits; null where there is none. */
export const idleTypeAmong = (present: readonly string[], wanted: readonly string[] = []): string | null =>
  idleTypes.find((type) => !present.includes(type) && !wanted.includes(type)) ?? null

/** What speaks against the kinds that are asked for, whatever tablets the source has: commands that are printed are not compared with them. */
export function refuseKinds(wanted: readonly string[]): MoveRefusal | null {
  const slip = findSlip(wanted)
  const why =
    slip !== null
      ? `${slip} Vitess has ${quoted(kinds)}.`
      : idleTypeAmong([], wanted) === null
        ? `${quoted(idleTypes)} are all asked for, so that no workflow could wait until all are created.`
        : null
  return why === null ? null : { why, next: 'Nothing was written. Correct `--tablet-types`.' }
}

/** What is wrong with the words themselves, as a sentence; null where each is a kind of tablet. */
function findSlip(wanted: readonly string[]): string | null {
  if (wanted.length === 0) return 'No kind of tablet is named.'
  const unknown = wanted.filter((type) => !kinds.includes(type))
  if (unknown.length === 0) return null
  return `${quoted(unknown)} ${unknown.length === 1 ? 'is not a kind' : 'are not kinds'} of tablet.`
}

/** What of the kinds that are asked for the source has. */
export interface TabletsPlan {
  readonly refusal: MoveRefusal | null
  /** Sentences. */
  readonly notes: readonly string[]
}

/**
 * A stream that asks for a kind of tablet which is not there waits for ever, without an error, and Vitess learns of a kind that it does not know when the workflows were created already.
 * @param present the kinds of the tablets of the source, in lower case
 */
export function planTablets(source: string, wanted: readonly string[], present: readonly string[]): TabletsPlan {
  const has = [...new Set(present)]
  const listed = has.length === 0 ? 'none' : quoted(has)
  const refuse = (why: string): TabletsPlan => ({
    refusal: {
      why,
      next: 'Nothing was written. Correct `--tablet-types` or `--source`.',
    },
    notes: [],
  })
  const slip = findSlip(wanted)
  if (slip !== null) return refuse(`${slip} Those of \`${source}\` are: ${listed}.`)
  const absent = wanted.filter((type) => !present.includes(type))
  if (absent.length === wanted.length)
    return refuse(`The keyspace \`${source}\` has no tablet of the kinds ${quoted(wanted)}: it has ${listed}.`)
  return {
    refusal: null,
    notes:
      absent.length === 0
        ? []
        : [
            `No tablet of \`${source}\` is of the kind ${quoted(absent)} now: rows are read from ${quoted(wanted.filter((type) => !absent.includes(type)))} alone.`,
          ],
  }
}
