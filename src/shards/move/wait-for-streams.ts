import { quoteString } from '../../sql/quote-name.ts'
import { quoted } from './move-facts.ts'
import { requireHealthy } from './move-family.ts'
import { type MoveRequest, pause, placeOfMove, refused } from './move-request.ts'
import { readOwn } from './own-workflows.ts'
import type { MovePlan } from './plan-move.ts'
import type { SeenWorkflow } from './read-workflows.ts'
import type { AskVtctld } from './vtctldclient.ts'

/**
 * Waits until the keyspace has each write that the shards took before they refused more: until the position of each stream contains what the server had executed by then. Equal rows alone
 * do not show that, as a row may have changed and changed back.
 */
export async function waitForStreams(
  request: MoveRequest,
  vtctld: AskVtctld,
  plan: Pick<MovePlan, 'shards' | 'columns'>,
  began: number,
): Promise<void> {
  const place = placeOfMove(request, plan)
  const [[executed] = []] = await request.source.ask('SELECT @@GLOBAL.gtid_executed')
  for (;;) {
    const seen = await readOwn(request, vtctld, place, plan.shards)
    for (const shard of plan.shards) requireHealthy(request, shard, seen.get(shard.table))
    const behind = await findBehind(request, String(executed), seen)
    if (behind.length === 0) return
    if (performance.now() - began > request.patience) {
      const said = behind.flatMap(([, { streams }]) =>
        streams.flatMap(({ message }) => (message === '' ? [] : [message])),
      )
      throw refused(
        request,
        `After ${Math.round(request.patience / 1000)} s, the workflows of ${quoted(behind.slice(0, 5).map(([table]) => table))} have not written all that their shards took.${said[0] === undefined ? '' : ` Vitess says: ${said[0]}`}`,
        'The shards take writes again. Look at these workflows, and run the command again when they are close to the shards.',
      )
    }
    await pause(request)
  }
}

/** The server compares the sets: it knows their format. */
async function findBehind(
  { source }: Pick<MoveRequest, 'source'>,
  executed: string,
  seen: ReadonlyMap<string, SeenWorkflow>,
): Promise<readonly (readonly [string, SeenWorkflow])[]> {
  const known = new Map<string, boolean>()
  for (const { streams } of seen.values())
    for (const { position } of streams) {
      const [, set] = /^(?:MySQL56\/)?(\S.*)$/s.exec(position) ?? []
      if (set === undefined || known.has(position)) continue
      const [[contains] = []] = await source.ask(`SELECT GTID_SUBSET(${quoteString(executed)},${quoteString(set)})`)
      known.set(position, Number(contains) === 1)
    }
  return [...seen].filter(([, { streams }]) => !streams.every(({ position }) => known.get(position) === true))
}
