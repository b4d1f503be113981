import type { ToolError } from '../../core/tool-error.ts'
import { quoteString } from '../../sql/quote-name.ts'
import { createTriggers, dropTriggers } from '../split/cut-over.ts'
import { type ComparedShard, compareSides, countHomeless, isEqual } from './compare-sides.ts'
import { markMoved, prepareMark, unmarkMoved } from './mark-moved.ts'
import { quoted } from './move-facts.ts'
import { isCopied } from './move-family.ts'
import { type MoveRequest, pause, placeOfMove, refused } from './move-request.ts'
import { deleteOrphans, readFree } from './own-workflows.ts'
import { type MovePlan, planMove } from './plan-move.ts'
import { readMoveFacts } from './read-facts.ts'
import { requireRights, switchRights } from './require-rights.ts'
import { requireSequence } from './require-sequence.ts'
import { sayClosed } from './say-closed.ts'
import { waitForStreams } from './wait-for-streams.ts'
import {
  deleteWorkflow,
  fenceNames,
  fenceTexts,
  type MovedShard,
  provenName,
  provenText,
  whereTo,
} from './workflow-commands.ts'

/** What a switch has seen. */
export interface SwitchEnd {
  readonly plan: MovePlan
  readonly shards: readonly ComparedShard[]
  /** For how long writes had been refused when both sides were equal, in milliseconds; null where an earlier run had switched them. */
  readonly milliseconds: number | null
  /** Rows of the keyspace that belong to no shard, as of one that went while it was copied. */
  readonly homeless: number
}

/**
 * Refuses the writes of the shards, waits until the keyspace has the same rows, and ends the workflows. Where it does not get them in time, writes go on as before. A run that was killed
 * is ended by the next one: what refuses writes and which workflows exist says how far it was.
 */
export const switchWrites = (request: MoveRequest): Promise<SwitchEnd> =>
  sayClosed(
    request,
    'When the cause is corrected, `--switch` goes on; the same command with `--undo` lets them take writes again.',
    () => carryOutSwitch(request),
  )

async function carryOutSwitch(request: MoveRequest): Promise<SwitchEnd> {
  const { store, vtctld, table, destination, family } = request
  const plan = planMove(await readMoveFacts(request))
  const place = placeOfMove(request, plan)
  const seen = vtctld === null ? null : await readFree(request, vtctld, place, plan.shards)
  const proven = await readProven(request, plan.shards)
  const isProven = proven.length > 0
  if (isProven) await requireFenced(request, plan.shards)
  if (seen !== null && !isProven) requireCopied(request, plan.shards, seen)
  if (plan.widened.length > 0)
    throw refused(
      request,
      `${plan.widened.length} shards do not have the column \`${request.column}\`, so that their rows are in no workflow.`,
      isProven
        ? 'The others were switched before: name the column that they have with `--column`. A shard that was made since then belongs to nobody: move its rows, and drop it.'
        : 'Copy them first: the same command without `--switch`.',
    )
  if (!isProven) {
    await requireRights(request, plan, switchRights)
    await requireSequence(request, plan)
    await request.confirm(
      `The ${plan.shards.length} shards of \`${family.name}\` take no writes from now on. When both sides are equal, the application writes to \`${table}\` of \`${destination.schema}\` through vtgate. A wwdb that does not know this command works on no family of \`${store.target.database}\` after it.`,
    )
    await prepareMark(request)
  }
  const began = performance.now()
  const shards = isProven ? [] : await withFences(request, plan, began)
  // A run that was killed may have proven some of them.
  if (isProven) await proveAll(request, plan.shards, proven)
  const milliseconds = isProven ? null : performance.now() - began
  if (vtctld !== null) {
    for (const shard of plan.shards)
      if (seen?.has(shard.table) === true) await vtctld(deleteWorkflow(place.keyspace, shard))
    await deleteOrphans(request, vtctld, place, plan.shards)
  }
  return { plan, shards, milliseconds, homeless: await countHomeless(request, plan.shards) }
}

/** Where it does not end well, no shard may stay closed: not those either that were closed before another one failed. */
async function withFences(request: MoveRequest, plan: MovePlan, began: number): Promise<readonly ComparedShard[]> {
  const place = placeOfMove(request, plan)
  try {
    for (const [at, shard] of plan.shards.entries()) {
      if (request.stop.requested) await pause(request)
      if (at > 0 && performance.now() - began > request.patience)
        throw refused(
          request,
          `After ${Math.round(request.patience / 1000)} s, only ${at} of ${plan.shards.length} shards refused writes: each waits for the transactions that use it.`,
          'The shards take writes again. End long transactions on the shards, or raise `--wait`, and run the command again.',
        )
      await createTriggers(request, shard.table, fenceNames(shard), fenceTexts(shard, place))
    }
    // Ids were given until the last shard was closed.
    await requireSequence(request, plan)
    if (request.vtctld !== null) await waitForStreams(request, request.vtctld, plan, began)
    const compared = await waitUntilEqual(request, plan, began)
    await proveAll(request, plan.shards, [])
    return compared
  } catch (error) {
    await removeFences(request, plan.shards).catch((second: unknown) => {
      throw stillClosed(request, error, second)
    })
    // Also that of an earlier run, which was killed: the shards take writes, so rotation goes on with them.
    await unmarkMoved(request).catch((second: unknown) => {
      throw stillMarked(request, error, second)
    })
    throw error
  }
}

/** The mark first: shards that are proven and not marked would be made again by rotation where they are dropped. */
async function proveAll(
  request: MoveRequest,
  shards: readonly MovedShard[],
  proven: readonly MovedShard[],
): Promise<void> {
  const place = placeOfMove(request, { columns: [] })
  await markMoved(request)
  for (const shard of shards)
    if (!proven.includes(shard))
      await request.server.define(provenText(shard, place, request.destination.server), [shard.table])
}

/** Of two errors, the one that keeps writes away is said first. */
function stillClosed(request: MoveRequest, first: unknown, second: unknown): ToolError {
  const [failed, left] = wordsOf(first, second)
  return refused(
    request,
    `Shards may still refuse writes: the triggers could not be dropped (${left}), after the switch had failed (${failed}).`,
    'Run the same command with `--undo` at once: it drops the triggers, and the shards take writes again.',
  )
}

/** A mark of shards that take writes again keeps rotation from making new ones. */
function stillMarked(request: MoveRequest, first: unknown, second: unknown): ToolError {
  const [failed, left] = wordsOf(first, second)
  return refused(
    request,
    `The shards take writes again, and the registry may still say that the family has moved (${left}), after the switch had failed (${failed}).`,
    'Run the same command again, or give the copy up with `--undo`: both correct the registry. Until then, rotation makes no shard of the family.',
  )
}

const wordsOf = (...errors: readonly unknown[]): readonly string[] =>
  errors.map((error) => (error instanceof Error ? error.message : String(error)))

/**
 * The shards of which both sides were equal while they took no writes: from then on, the rows of the keyspace are the newer ones. Throws ToolError `MOVE_REFUSED` where another table
 * than this one has them: its rows, or that it has none, must not become those of the shards.
 */
export async function readProven(request: MoveRequest, shards: readonly MovedShard[]): Promise<readonly MovedShard[]> {
  const { source, store, destination } = request
  const rows = await source.ask(
    `SELECT EVENT_OBJECT_TABLE,ACTION_STATEMENT,TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA=${quoteString(store.target.schema)}`,
  )
  const place = placeOfMove(request, { columns: [] })
  const proven = shards.flatMap((shard) => {
    const text = rows.find(([, , name]) => String(name) === provenName(shard))?.[1]
    return text === undefined ? [] : [{ shard, text: String(text) }]
  })
  const other = proven.find(({ shard, text }) => !text.includes(`'${whereTo(shard, place, destination.server)}'`))
  if (other !== undefined)
    throw refused(
      request,
      `The shards were switched to another table: \`${/'([^']*)'; END IF/.exec(other.text)?.[1] ?? other.text}\`.`,
      'Name that environment with `--to`, and that table with `--table-name`. The address of vtgate must be the same as then.',
    )
  return proven.map(({ shard }) => shard)
}

/** Lets the shards take writes again. What says that the keyspace has the newer rows goes first. */
export async function removeFences(request: MoveRequest, shards: readonly MovedShard[]): Promise<void> {
  for (const shard of shards) await dropTriggers(request, [provenName(shard)])
  for (const shard of shards) await dropTriggers(request, fenceNames(shard))
}

async function requireFenced(request: MoveRequest, shards: readonly MovedShard[]): Promise<void> {
  const there = await request.server.findTriggers(shards.flatMap(fenceNames))
  const open = shards.filter((shard) => !fenceNames(shard).every((name) => there.has(name)))
  if (open.length === 0) return
  throw refused(
    request,
    `${quoted(open.map(({ table }) => table))} ${open.length === 1 ? 'takes' : 'take'} writes, and the others were switched before.`,
    'Such a shard was made since, or somebody has dropped its triggers. Move its rows by hand, or take the switch back with `--undo`.',
  )
}

function requireCopied(
  request: MoveRequest,
  shards: readonly MovedShard[],
  seen: Awaited<ReturnType<typeof readFree>>,
): void {
  const behind = shards.filter(({ table }) => {
    const own = seen.get(table)
    return own === undefined || !isCopied(own)
  })
  if (behind.length === 0) return
  throw refused(
    request,
    `${quoted(behind.slice(0, 5).map(({ table }) => table))} ${behind.length === 1 ? 'is' : 'are'} not copied: ${behind.length === 1 ? 'its workflow does' : 'their workflows do'} not exist, or still copy.`,
    'Copy them first: the same command without `--switch`. A shard that was made since the copy began needs a new beginning: `--undo`.',
  )
}

/** Compares all shards, then again those that were not equal: without vtctldclient, their streams may still write. Throws ToolError `MOVE_REFUSED` where they stay unequal. */
async function waitUntilEqual(request: MoveRequest, plan: MovePlan, began: number): Promise<readonly ComparedShard[]> {
  const compared = new Map<string, ComparedShard>()
  let left: readonly MovedShard[] = plan.shards
  for (;;) {
    for (const one of await compareSides(request, { ...plan, shards: left })) compared.set(one.table, one)
    const other = [...compared.values()].filter((one) => !isEqual(one))
    if (other.length === 0) return [...compared.values()]
    left = other.map(({ key, table }) => ({ key, table }))
    if (performance.now() - began > request.patience) {
      const [first] = other
      throw refused(
        request,
        `After ${Math.round(request.patience / 1000)} s, ${other.length} of ${plan.shards.length} shards are not equal to their rows in \`${request.table}\`: \`${first?.table}\` has ${first?.here.rows} rows, the keyspace ${first?.there.rows}.`,
        'The shards take writes again. Look at the workflows, and at what else writes to the table of the keyspace.',
      )
    }
    await pause(request)
  }
}
