import { isPending, type MigrationState, type ShardMigration } from './shard-migrations.ts'

/** Milliseconds for which a copy may show no life before that is said. A tablet looks at its copies once a minute, unless it is set otherwise (`--migration-check-interval`). */
const unremarkable = 2 * 60_000

/** Milliseconds after which a run does not wait any longer. Vitess itself warns of such a copy after as many, and calls it failed after hours. */
const longestSilence = 5 * 60_000

/** Milliseconds between two looks from which on the time between them is that of an outage, in which nobody has seen whether a copy went on. */
const outage = 10_000

interface Sign {
  readonly life: string
  /** When it was seen first, by the clock of this machine. */
  readonly since: number
}

/**
 * Finds copies that Vitess calls `running` and that show no life. So it stays where the MySQL server of a tablet was lost alone: the tablet does not begin its work again. No two clocks are compared:
 * a copy is silent for as long as nothing of what Vitess says of it has changed.
 */
export class SilentCopies {
  readonly #signs = new Map<string, Sign>()
  #lastLook: number | null = null

  /**
   * What a state is to a run that has waited. @param state of these rows @param now milliseconds of a clock that never goes back
   */
  judge(rows: readonly ShardMigration[], state: MigrationState, now: number): MigrationState {
    this.#leaveOut(now - (this.#lastLook ?? now))
    this.#lastLook = now
    const silent = rows.filter(isPending).flatMap((row) => {
      const silence = this.#measure(row, now)
      return silence === null || silence < unremarkable ? [] : [{ row, silence }]
    })
    const isPlain = ({ row }: { readonly row: ShardMigration }): number => Number(row.isPlain === true)
    const [first] = silent.toSorted((one, other) => isPlain(one) - isPlain(other) || other.silence - one.silence)
    if (first === undefined || state.type !== 'running') return state
    const what = describeSilent(first.row)
    return first.row.isPlain === true || first.silence < longestSilence
      ? { ...state, waiting: what }
      : { type: 'silent', why: `${what}. ${adviseSilent(first.row)}` }
  }

  #leaveOut(gap: number): void {
    if (gap <= outage) return
    for (const [key, { life, since }] of this.#signs) this.#signs.set(key, { life, since: since + gap })
  }

  /** Null for what no copy is running of. */
  #measure({ uuid, shard, life }: ShardMigration, now: number): number | null {
    if (life === undefined) return null
    const key = `${uuid} ${shard}`
    const known = this.#signs.get(key)
    if (known?.life === life) return now - known.since
    this.#signs.set(key, { life, since: now })
    return 0
  }
}

/** The same each time, as it is said once. */
function describeSilent({ uuid, shard, tablet = '', seen = '', message, isPlain = false }: ShardMigration): string {
  const since = seen === '' ? '' : ` since ${seen} by its clock`
  if (isPlain)
    return `shard ${shard} calls migration ${uuid} \`running\`${since}, and plain DDL shows nothing before it has ended. Where its MySQL server was restarted since, it does not run any more: \`ALTER VITESS_MIGRATION '${uuid}' CANCEL\` ends it, and the next run looks at what it did`
  const by = tablet === '' ? '' : ` of tablet ${tablet}`
  const said = message === '' ? '' : `; it says: ${message}`
  return `shard ${shard} calls migration ${uuid} \`running\`, but its copy${by} has shown no life${since}${said}`
}

/** Plain DDL whose server was started after it had begun. */
export const describeRestarted = ({ uuid, shard, seen = '' }: ShardMigration): string =>
  `shard ${shard} calls migration ${uuid} \`running\`${seen === '' ? '' : ` since ${seen} by its clock`}, and its MySQL server was started after that: it does not run any more. \`ALTER VITESS_MIGRATION '${uuid}' CANCEL\` ends it, and the next run looks at what it did`

/** A REVERT goes on where it was when it is given again, and fails with the rows that it has written already. */
const adviseSilent = ({ uuid, reverts }: ShardMigration): string =>
  reverts === true
    ? `${cause}. Do not cancel it: a \`REVERT\` that has begun may not be able to begin again. Its stream in \`_vt.vreplication\` can be started (\`vtctldclient Workflow\`)`
    : `${cause}. \`ALTER VITESS_MIGRATION '${uuid}' CANCEL\` ends it, and the next run gives it to Vitess again`

const cause =
  'Its MySQL server may have been restarted alone, or its shard have got a new primary, just before it began; Vitess then does not go on, and calls it failed only after 3 hours'
