/** The tools that change a table by a copy of it. Vitess is none that wwdb starts, but its tables are known as well; `wwdb online revert` leaves triggers alone. */
export type CopyTool = 'pt-online-schema-change' | 'gh-ost' | 'spirit' | 'Vitess' | 'wwdb online revert'

/**
 * What a table of such a tool is:
 * - `copy` the copy that is to take the table's place
 * - `old`  the table as it was before, under its name since
 * - `log`  what the tool keeps for itself: its changelog, its checkpoint, its sentinel
 */
type LeftoverRole = 'copy' | 'old' | 'log'

/** What the name of a table says. */
export interface LeftoverName {
  readonly tools: readonly [CopyTool, ...CopyTool[]]
  readonly role: LeftoverRole
  /** The name of the table that is or was changed, or its beginning where the name was cut; null where the name does not say. */
  readonly table: string | null
  readonly isCut: boolean
}

/** The longest name of a table. */
const longestName = 64

const ptOsc = 'pt-online-schema-change'

/** In this order: `_t_20261129120000_del` is an old table of `t`, not of `t_20261129120000`. */
const patterns: readonly (readonly [RegExp, LeftoverName['tools'], LeftoverRole])[] = [
  [/^_(.+)_gho$/, ['gh-ost'], 'copy'],
  [/^_(.+)_gh[ck]$/, ['gh-ost'], 'log'],
  [/^_(.+)_\d{14}_del$/, ['gh-ost'], 'old'],
  [/^_(.+)_rev_del$/, ['gh-ost'], 'old'],
  [/^_(.+)_del$/, ['gh-ost'], 'old'],
  [/^_(.+)_chkpnt$/, ['spirit'], 'log'],
  [/^_(.+)_old_\d{8}_\d{6}$/, ['spirit'], 'old'],
  // Up to ten more underscores, where a table of the name was there.
  [/^__{1,10}(.+)_new$/, [ptOsc], 'copy'],
  [/^__{1,10}(.+)_old$/, [ptOsc], 'old'],
  [/^_(.+)_new$/, [ptOsc, 'spirit'], 'copy'],
  [/^_(.+)_old$/, [ptOsc, 'spirit'], 'old'],
]

const ofNoTable: readonly (readonly [RegExp, CopyTool, LeftoverRole])[] = [
  [/^_spirit_(?:checkpoint|sentinel|move_checkpoint)$/, 'spirit', 'log'],
  [/^_vt_(?:hold|purge|evac|drop)_[0-9a-f]{32}_\d{14}$/i, 'Vitess', 'old'],
  [/^_vt_(?:hld|prg|evc|drp)_[0-9a-f]{32}_\d{14}_$/i, 'Vitess', 'old'],
  [/^_vt_vrp_[0-9a-f]{32}_\d{14}_$/i, 'Vitess', 'copy'],
  [/^_[0-9a-f]{8}(?:_[0-9a-f]{4}){3}_[0-9a-f]{12}_\d{14}_vrepl$/i, 'Vitess', 'copy'],
]

/** Reads the name of a table as those tools make them; null for any other. Most of them are candidates only: `table` must be there. */
export function readLeftoverName(name: string): LeftoverName | null {
  for (const [pattern, tool, role] of ofNoTable)
    if (pattern.test(name)) return { tools: [tool], role, table: null, isCut: false }
  for (const [pattern, tools, role] of patterns) {
    const table = pattern.exec(name)?.[1]
    // gh-ost cuts the name of the table, so that its own is no longer than a name may be.
    if (table !== undefined) return { tools, role, table, isCut: name.length === longestName && tools[0] === 'gh-ost' }
  }
  return null
}

/** Events of the triggers that pt-online-schema-change creates on the table it copies. */
const events = ['ins', 'upd', 'del'] as const

/** The names of the triggers by which pt-online-schema-change keeps a copy of a table current: it cuts what stands before the event at 60 characters. */
export function triggersOf(schema: string, table: string): readonly string[] {
  const prefix = `pt_osc_${schema}_${table}`.replace(/[^A-Za-z0-9_]/g, '_').slice(0, 60)
  return events.map((event) => `${prefix}_${event}`)
}

/** Whether a trigger bears a name that pt-online-schema-change gives: `rt_` stands before those that carry writes back. */
export const isToolTrigger = (name: string): boolean => /^(?:rt_)?pt_osc_.+_(?:ins|upd|del)$/.test(name)

/** The triggers that carry the writes of a table back to what it was: `online revert` creates them and removes them. */
export function backTriggersOf(digest: string): readonly string[] {
  return events.map((event) => `wwdb_back_${digest.slice(0, 8)}_${event}`)
}

export const isBackTrigger = (name: string): boolean => /^wwdb_back_[0-9a-f]{8}_(?:ins|upd|del)$/.test(name)
