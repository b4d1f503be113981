import type { Context } from '../command/context.ts'
import type { Config } from '../config/config.ts'
import { readRanTexts } from '../migrations/ran-texts.ts'
import { hasRetired, retireStores } from '../migrations/retirements.ts'
import type { OpenTarget, OpenTargets } from '../migrations/targets.ts'
import type { RetireStore } from '../operate/retire/ports.ts'
import { endOfRetirement } from '../operate/retire/presence.ts'
import type { RetiredRecord } from '../operate/retire/record.ts'
import { statementServers } from '../uses/ports.ts'
import { watchObject } from '../uses/watch-object.ts'
import { judgeRetired, type Verdict } from './judge.ts'
import { settleRetired, writeSettled } from './settle.ts'

/** A retired thing of a database, with what is known of it now. */
export interface JudgedThing {
  readonly target: OpenTarget
  readonly store: RetireStore
  readonly record: RetiredRecord
  readonly verdict: Verdict
  /** When its grace ends by what was recorded before this look; milliseconds since the epoch. */
  readonly endsAt: number
}

/** What a look needs of the run. */
export interface Around {
  readonly context: Context
  readonly config: Config
}

/** What is retired in the open databases. @param writes true to record what became of it, and since when it is watched */
export async function judgeAll(
  around: Around,
  { targets }: Pick<OpenTargets, 'targets'>,
  writes: boolean,
): Promise<readonly JudgedThing[]> {
  const judged: JudgedThing[] = []
  for (const target of targets.filter(({ snapshot }) => hasRetired(snapshot))) {
    const store = (await around.context.port(retireStores))(target.session)
    const settled = await settleRetired(store, target)
    if (writes) await writeSettled(store, settled)
    for (const { record } of settled) {
      if (record.state !== 'retired') continue
      const verdict = await judge(around, { target, store, record })
      const uses = verdict.type === 'used' ? verdict.uses : record.uses
      const watched = { ...record, uses, baselines: verdict.baselines }
      if (writes) await store.update(watched, 'retired')
      judged.push({ target, store, record: watched, verdict, endsAt: endOfRetirement(record) })
    }
  }
  return judged
}

/** One of them, looked at now. */
export async function judge(
  { context, config }: Around,
  { target, store, record }: Pick<JudgedThing, 'target' | 'store' | 'record'>,
): Promise<Verdict> {
  const { database } = target
  const servers = await context.port(statementServers)
  const { type, part, table, hold } = record
  // A table that has its name by now is another one: who names it does not miss this one.
  const isFree = type === 'table' && (await store.look({ ...record, hold: '' })) === 'gone'
  const tables = type === 'table' ? [hold, ...(isFree ? [table] : [])] : [table]
  const named = type === 'table' || part === null ? null : { type, name: part }
  const begun = Math.min(context.now(), record.since, ...Object.values(record.baselines).map(({ at }) => at))
  const within = context.now() - begun + hour
  const ran = () => readRanTexts(config, database, servers)
  return judgeRetired(record, await watchObject(config, database, servers, { tables, part: named }, within, ran))
}

/** Clocks of this machine and of servers may differ. */
const hour = 3_600_000
