import { setTimeout as pause } from 'node:timers/promises'
import type { Asker } from '../../../mysql/connection.ts'
import { digestDefinitions } from '../../execute/recover.ts'
import type { JournalRow } from '../../journal/journal.ts'
import type { Meanwhile, Settlement } from '../../journal/settlement.ts'
import { lookShownIn } from './compare-shown.ts'
import { interval, longestWait, publish, readVschemaObject } from './vschema-changes.ts'

type VschemaRow = Pick<JournalRow, 'summary' | 'objects' | 'fingerprint'>

/**
 * What an open row of `ALTER VSCHEMA` comes to. The topology shows that it ran, and whoever ran it may have ended before that was published: then statements are planned without it. Null where the
 * topology does not show it.
 * @param wait milliseconds in which this vtgate is to show it
 */
export async function settleVschema(
  connection: Asker,
  keyspace: string,
  { summary, objects, fingerprint }: VschemaRow,
  meanwhile: Meanwhile,
  wait = longestWait,
): Promise<Settlement | null> {
  const found: (string | null)[] = []
  for (const object of objects) found.push(await readVschemaObject(connection, keyspace, object))
  if (fingerprint === null || digestDefinitions(objects, found) === fingerprint) return null
  const changed = 'the objects it names have changed since it was opened'
  // A row keeps no text: its summary begins with the verb, and its objects name the vindex.
  const wanted = { verb: summary, text: '', objects }
  for (const began = performance.now(); ; await pause(interval)) {
    const waited = performance.now() - began
    const shown = await lookShownIn(connection, keyspace, wanted, waited)
    if (shown === 'shown') return { type: 'ran', why: `${changed}, and this vtgate shows that` }
    if (shown === 'routed') return { type: 'ran', why: changed }
    if (waited >= wait) break
    meanwhile('this vtgate does not show what the topology has of it')
  }
  return {
    type: 'unknown',
    why: `${changed}, and this vtgate has not shown that for ${Math.round(wait / 1000)} s: nobody may have published it`,
    next: `${publish}. Then run the command again.`,
  }
}
